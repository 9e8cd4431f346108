/** Calls over a WebSocket: many under way on one connection, which is made with the first call and again when it was lost. */
import { answersIn, RpcTransportError, type RawAnswer, type SendOptions, type Transport } from './transport.ts'

/** What is needed of the browser's WebSocket, or of one with its interface. */
export interface WebSocketLike {
  readonly readyState: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number, readonly reason: string }) => void): void
}

export type WebSocketClass = new (url: string) => WebSocketLike

interface Pending {
  readonly ids: Set<number>
  readonly answers: RawAnswer[]
  readonly resolve: (answers: readonly RawAnswer[]) => void
  readonly reject: (error: unknown) => void
}

const OPEN = 1

export class SocketTransport implements Transport {
  private readonly url: string
  private readonly WebSocket: WebSocketClass
  private socket: WebSocketLike | undefined
  private opening: Promise<WebSocketLike> | undefined
  private readonly pending = new Map<number, Pending>()

  constructor(url: string, WebSocket: WebSocketClass) {
    this.url = url
    this.WebSocket = WebSocket
  }

  async send(text: string, ids: readonly number[], { signal }: SendOptions): Promise<readonly RawAnswer[]> {
    const socket = await unlessAborted(this.connected(), signal)
    if (ids.length === 0) {
      socket.send(text)
      return []
    }
    return this.exchange(socket, text, ids, signal)
  }

  close(): void {
    this.socket?.close(1000)
  }

  private exchange(socket: WebSocketLike, text: string, ids: readonly number[], signal: AbortSignal | undefined): Promise<readonly RawAnswer[]> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        for (const id of ids) this.pending.delete(id)
        signal?.removeEventListener('abort', aborted)
      }
      const aborted = (): void => pending.reject(signal?.reason)
      const pending: Pending = {
        ids: new Set(ids), answers: [],
        resolve: (answers) => { settled(); resolve(answers) },
        reject: (error) => { settled(); reject(error) },
      }
      for (const id of ids) this.pending.set(id, pending)
      signal?.addEventListener('abort', aborted)
      socket.send(text)
    })
  }

  private connected(): Promise<WebSocketLike> {
    if (this.socket?.readyState === OPEN) return Promise.resolve(this.socket)
    this.opening ??= this.open().finally(() => { this.opening = undefined })
    return this.opening
  }

  private open(): Promise<WebSocketLike> {
    return new Promise((resolve, reject) => {
      const { WebSocket } = this
      const socket = new WebSocket(this.url)
      this.socket = socket
      socket.addEventListener('open', () => resolve(socket))
      socket.addEventListener('message', ({ data }) => this.received(data))
      // What went wrong is said by the close that follows.
      socket.addEventListener('error', () => undefined)
      socket.addEventListener('close', ({ code, reason }) => {
        const error = new RpcTransportError(`the connection was closed: ${code}${reason === '' ? '' : `, ${reason}`}`)
        if (this.socket === socket) {
          this.socket = undefined
          this.fail(error)
        }
        reject(error)
      })
    })
  }

  private received(data: unknown): void {
    let message: unknown
    try {
      message = typeof data === 'string' ? JSON.parse(data) : undefined
    } catch {
      message = undefined // told below, as anything else that is no answer
    }
    const answers = answersIn(message)
    if (answers === undefined) {
      this.fail(new RpcTransportError('the server sent what is no answer of JSON-RPC'))
      return
    }
    for (const answer of answers) this.settle(answer)
  }

  private settle(answer: RawAnswer): void {
    if (answer.id === null) {
      // What the server could not read: it does not say which, so it stands for all.
      for (const pending of new Set(this.pending.values())) pending.resolve([answer])
      return
    }
    const pending = this.pending.get(answer.id as number)
    // One that was aborted is answered, too.
    if (pending === undefined) return
    pending.answers.push(answer)
    pending.ids.delete(answer.id as number)
    if (pending.ids.size === 0) pending.resolve(pending.answers)
  }

  private fail(error: RpcTransportError): void {
    for (const pending of new Set(this.pending.values())) pending.reject(error)
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason)
    if (signal.aborted) aborted()
    signal.addEventListener('abort', aborted)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}
