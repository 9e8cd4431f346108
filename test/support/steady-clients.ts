/** Clients that keep asking on kept-alive connections while something else disturbs the server; every outcome is counted. */
import { connect, type Socket } from 'node:net'
import { readResponse, valuesOf } from './response-reader.ts'

export interface SteadyOptions {
  readonly count: number
  readonly path?: string
  /** Told of each request. */
  readonly observe?: (outcome: Outcome) => void
}

export interface Tally {
  readonly answered: number
  /** What went wrong, each with how often: a connection that was refused or broke, an answer that is not 200. */
  readonly failures: Readonly<Record<string, number>>
}

/** What became of one request. */
export interface Outcome {
  /** The client's port, 0 where it got no connection; tells connections apart. */
  readonly connection: number
  /** By performance.now(): when it was begun, and when its outcome was known. */
  readonly from: number
  readonly to: number
  /** The answer's body; null where the request failed. */
  readonly body: string | null
}

/** As a plain client has them: no second try of anything. */
export class SteadyClients {
  private readonly port: number
  private readonly path: string
  private readonly observe: ((outcome: Outcome) => void) | undefined
  private readonly failures: Record<string, number> = {}
  private readonly running: Promise<void>
  private answered = 0
  private over = false

  constructor(port: number, options: SteadyOptions) {
    this.port = port
    this.path = options.path ?? '/'
    this.observe = options.observe
    this.running = Promise.all(Array.from({ length: options.count }, () => this.ask())).then(() => undefined)
  }

  get count(): number {
    return this.answered
  }

  /** Each client finishes its present request. */
  async stop(): Promise<Tally> {
    this.over = true
    await this.running
    return { answered: this.answered, failures: this.failures }
  }

  private async ask(): Promise<void> {
    let socket: Socket | null = null
    let connection = 0
    while (!this.over) {
      const from = performance.now()
      try {
        socket ??= await open(this.port)
        // Not to be had any more of one that broke.
        connection = socket.localPort ?? connection
        const { status, last, body } = await once(socket, `GET ${this.path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        if (status === 200) this.answered++
        else this.failed(`status ${status}`)
        this.observe?.({ connection, from, to: performance.now(), body: status === 200 ? body : null })
        if (last) {
          socket.destroy()
          socket = null
        }
      } catch (error) {
        this.failed((error as NodeJS.ErrnoException).code ?? String(error))
        this.observe?.({ connection, from, to: performance.now(), body: null })
        socket?.destroy()
        socket = null
        connection = 0
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    socket?.destroy()
  }

  private failed(how: string): void {
    this.failures[how] = (this.failures[how] ?? 0) + 1
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined) // told to whoever waits for an answer
      resolve(socket)
    })
  })
}

function once(socket: Socket, request: string): Promise<{ status: number, last: boolean, body: string }> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const settle = (done: () => void): void => {
      clearTimeout(late)
      socket.off('data', data).off('error', reject_).off('close', closed)
      done()
    }
    const data = (piece: Buffer): void => {
      received = Buffer.concat([received, piece])
      const response = readResponse(received, { method: 'GET', ended: false })
      if (response === null) return
      const { status, body } = response
      settle(() => resolve({ status, body: body.toString(), last: valuesOf(response, 'connection').includes('close') }))
    }
    const reject_ = (error: Error): void => settle(() => reject(error))
    const closed = (): void => settle(() => reject(new Error('closed without an answer')))
    const late = setTimeout(() => settle(() => reject(new Error('no answer in 20 s'))), 20_000)
    socket.on('data', data).on('error', reject_).on('close', closed)
    if (socket.destroyed || socket.readableEnded) closed()
    else socket.write(request)
  })
}
