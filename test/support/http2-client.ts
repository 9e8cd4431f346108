/** A client of HTTP/2 on 127.0.0.1, by Node's own, and one that sends frames as they come. */
import { once } from 'node:events'
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectSocket, type Socket } from 'node:net'

export interface Http2Response {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  /** Of interim answers. */
  readonly interim: readonly number[]
  readonly body: Buffer
  readonly trailers: Record<string, string>
  /** The code that the stream was closed with. */
  readonly code: number
}

export class Http2Client implements AsyncDisposable {
  readonly session: ClientHttp2Session
  goaway: number | undefined

  private constructor(session: ClientHttp2Session) {
    this.session = session
    session.on('goaway', (code) => { this.goaway ??= code })
    session.on('error', () => undefined)
  }

  static async connect(origin: string, options: object = {}): Promise<Http2Client> {
    const client = new Http2Client(connect(origin, options))
    await once(client.session, 'remoteSettings')
    return client
  }

  open(headers: OutgoingHttpHeaders, options: { endStream?: boolean } = {}): ClientHttp2Stream {
    const stream = this.session.request(headers, options)
    stream.on('error', () => undefined)
    return stream
  }

  /** One request and its whole answer; rejects where none came. */
  async request(headers: OutgoingHttpHeaders, body?: Uint8Array | string): Promise<Http2Response> {
    const stream = this.open(headers, { endStream: body === undefined })
    if (body !== undefined) stream.end(body)
    return responseOf(stream)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.destroyed) return
    const over = once(this.session, 'close')
    this.session.destroy()
    await over
  }
}

/** However it came about: an error is no surprise here. */
function closed(one: Socket | ClientHttp2Stream): Promise<void> {
  return one.closed ? Promise.resolve() : new Promise((resolve) => { one.once('close', () => resolve()) })
}

export async function responseOf(stream: ClientHttp2Stream): Promise<Http2Response> {
  const interim: number[] = []
  const pieces: Buffer[] = []
  let headers: Record<string, string | string[] | undefined> | undefined
  let trailers: Record<string, string> = {}
  stream.on('headers', (block) => { interim.push(Number(block[':status'])) })
  stream.on('response', (block) => { headers = block as Record<string, string> })
  stream.on('trailers', (block) => { trailers = block as Record<string, string> })
  stream.on('data', (bytes: Buffer) => { pieces.push(bytes) })
  await closed(stream)
  if (headers === undefined) throw new Error(`no answer: closed with ${stream.rstCode}`)
  return { status: Number(headers[':status']), headers, interim, body: Buffer.concat(pieces), trailers, code: stream.rstCode ?? 0 }
}

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

export const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8, continuation: 9 } as const

export function frame(type: keyof typeof frameTypes, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(frameTypes[type], 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** HPACK without indexing or Huffman: literals only (RFC 7541 section 6.2.2). */
export function literalFields(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value, 'latin1')
    if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes])
    const prefix = [127]
    let rest = bytes.length - 127
    for (; rest >= 128; rest = Math.floor(rest / 128)) prefix.push(rest % 128 + 128)
    return Buffer.concat([Buffer.from([...prefix, rest]), bytes])
  }
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]))
}

/** Frames as they are given, and those that come back. */
export class FrameClient {
  readonly socket: Socket
  readonly frames: { readonly type: number, readonly flags: number, readonly stream: number, readonly payload: Buffer }[] = []
  closed = false
  private rest: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('close', () => { this.closed = true })
    socket.on('data', (bytes) => this.take(bytes))
  }

  static async connect(port: number): Promise<FrameClient> {
    const socket = connectSocket(port, '127.0.0.1')
    await once(socket, 'connect')
    return new FrameClient(socket)
  }

  /** Past the preface and an empty SETTINGS. */
  static async begin(port: number): Promise<FrameClient> {
    const client = await FrameClient.connect(port)
    client.send(PREFACE, frame('settings', 0, 0))
    return client
  }

  send(...pieces: Uint8Array[]): void {
    if (!this.closed) this.socket.write(Buffer.concat(pieces))
  }

  /** Resolves when the server has closed the connection, with the code of its GOAWAY where it sent one. */
  async end(): Promise<number | null> {
    await closed(this.socket)
    const goaway = this.frames.findLast(({ type }) => type === frameTypes.goaway)
    return goaway === undefined ? null : goaway.payload.readUInt32BE(4)
  }

  async until(type: keyof typeof frameTypes, stream: number): Promise<Buffer> {
    for (;;) {
      const found = this.frames.find((one) => one.type === frameTypes[type] && one.stream === stream)
      if (found !== undefined) return found.payload
      if (this.closed) throw new Error(`closed before ${type} on stream ${stream}`)
      await new Promise<void>((resolve) => {
        this.socket.once('data', () => resolve()).once('close', () => resolve())
      })
    }
  }

  private take(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes])
    while (this.rest.length >= 9 && this.rest.length >= 9 + this.rest.readUIntBE(0, 3)) {
      const length = this.rest.readUIntBE(0, 3)
      const { rest } = this
      this.frames.push({ type: rest[3] as number, flags: rest[4] as number, stream: rest.readUInt32BE(5), payload: rest.subarray(9, 9 + length) })
      this.rest = rest.subarray(9 + length)
    }
  }
}
