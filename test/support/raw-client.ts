/** A client that sends exactly the bytes it is told to, and reads answers strictly. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BadResponse, readResponse, type RawResponse } from './response-reader.ts'

export { BadResponse, valuesOf, type RawResponse } from './response-reader.ts'

/** Where to connect: a port of 127.0.0.1, `{ host, port }`, `{ path }`, or the URL that a server printed. */
export type Address = number | string | { readonly host?: string, readonly port: number } | { readonly path: string }

export interface ClientOptions {
  /** The longest wait for anything, in milliseconds, so that a test fails instead of hanging. Default 10,000. */
  readonly patience?: number
}

export class RawClient implements AsyncDisposable {
  readonly socket: Socket
  /** Set when the connection broke instead of being closed in order. */
  error: Error | null = null
  /** True once the server has ended its side, or the connection broke. */
  ended = false
  readonly #patience: number
  #pieces: Buffer[] = []
  #wake: (() => void) | null = null

  private constructor(socket: Socket, patience: number) {
    this.socket = socket
    this.#patience = patience
    socket.setNoDelay(true)
    socket.on('data', (piece: Buffer) => { this.#pieces.push(piece); this.#changed() })
    socket.on('end', () => { this.ended = true; this.#changed() })
    socket.on('error', (error) => { this.error = error; this.ended = true; this.#changed() })
    socket.on('close', () => { this.ended = true; this.#changed() })
  }

  /** Rejects when nobody listens there. `https:` URLs are spoken to without checking the certificate. */
  static async connect(address: Address, options: ClientOptions = {}): Promise<RawClient> {
    const socket = open(address)
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => { socket.off('error', reject); resolve() })
    })
    return new RawClient(socket, options.patience ?? 10_000)
  }

  /** On a socket that is connected already. */
  static on(socket: Socket, options: ClientOptions = {}): RawClient {
    return new RawClient(socket, options.patience ?? 10_000)
  }

  /** Each piece in a write of its own, with a turn of the loop between them. Text is latin-1. */
  async send(...pieces: (string | Uint8Array)[]): Promise<this> {
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) await nextTurn()
      this.socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    }
    return this
  }

  /** Ends this side only: the server sees the end of the requests and may still answer. */
  end(): this {
    this.socket.end()
    return this
  }

  /** The next response; interim ones (1xx except 101) are given too. `method` is that of the request it answers. */
  async response(method: string = 'GET'): Promise<RawResponse> {
    const response = await this.#until(() => readResponse(this.received(), { method, ended: this.ended }), 'a response')
    const rest = this.received().subarray(response.size)
    this.#pieces = rest.length ? [rest] : []
    return response
  }

  /** The next response that is not an interim one. */
  async finalResponse(method: string = 'GET'): Promise<RawResponse> {
    for (;;) {
      const response = await this.response(method)
      if (response.status >= 200 || response.status === 101) return response
    }
  }

  /** What has arrived and was not read as a response. */
  received(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)]
    return this.#pieces[0] ?? Buffer.alloc(0)
  }

  /** Waits until the unread bytes are at least this many, and takes them all. */
  async bytes(atLeast: number = 1): Promise<Buffer> {
    const bytes = await this.#until(() => {
      if (this.received().length >= atLeast) return this.received()
      if (this.ended) throw new BadResponse(`the connection ended after ${this.received().length} of ${atLeast} bytes`)
      return null
    }, `${atLeast} bytes`)
    this.#pieces = []
    return bytes
  }

  /** Waits until the server has closed: what was still unread. A reset is told by `error`. */
  async untilClosed(): Promise<Buffer> {
    await this.#until(() => this.ended || null, 'the end of the connection')
    return this.received()
  }

  /** Stops reading, as a slow client does; resume() goes on. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** A reset (RST), as by a client that was killed. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Closes at once, both ways. */
  destroy(): void {
    this.socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy()
  }

  #changed(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  async #until<T>(look: () => T | null, what: string): Promise<T> {
    const deadline = Date.now() + this.#patience
    for (;;) {
      const found = look()
      if (found !== null) return found
      const left = deadline - Date.now()
      if (left <= 0) {
        const seen = JSON.stringify(this.received().toString('latin1').slice(0, 500))
        throw new Error(`waited ${this.#patience} ms for ${what}; received ${seen}`)
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => { clearTimeout(timer); resolve() }
      })
    }
  }
}

/** Sends one request on a connection of its own and reads the final answer. */
export async function request(address: Address, bytes: string | Uint8Array, method: string = 'GET'): Promise<RawResponse> {
  const client = await RawClient.connect(address)
  try {
    await client.send(bytes)
    return await client.finalResponse(method)
  } finally {
    client.destroy()
  }
}

/** `GET path` as HTTP/1.1 with `Connection: close`. */
export function get(address: Address, path: string = '/'): Promise<RawResponse> {
  return request(address, `GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`)
}

/** allowHalfOpen: the server's end must not end our side unasked, tests decide that. */
function open(address: Address): Socket {
  const allowHalfOpen = true
  if (typeof address === 'number') return connect({ host: '127.0.0.1', port: address, allowHalfOpen })
  if (typeof address !== 'string') return connect({ ...address, allowHalfOpen })
  if (address.startsWith('unix:')) return connect({ path: address.slice('unix:'.length), allowHalfOpen })
  const url = new URL(address)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port)
  const options = { host, port, allowHalfOpen, rejectUnauthorized: false }
  return url.protocol === 'https:' ? connectTls(options) : connect(options)
}
