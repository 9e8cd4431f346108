/** Makes requests of calls, and results of answers. */
import { rpcErrorOf } from './protocol/rpc-error.ts'
import { RpcTransportError, type RawAnswer, type Transport } from './transport.ts'

export interface CallOptions {
  /** Milliseconds that an answer may take; 0 for as long as it takes. Default 30,000. Then the call is rejected with a `TimeoutError`. */
  readonly timeout?: number
  /** Ends the wait: calls are rejected with the signal's reason. */
  readonly signal?: AbortSignal
  /** Of each request over HTTP; a function is asked each time. A WebSocket of a browser's has none. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)
}

export interface Outgoing {
  readonly method: string
  readonly params: readonly unknown[] | Readonly<Record<string, unknown>> | undefined
  /** Undefined for a notification. */
  readonly settle: { readonly resolve: (result: unknown) => void, readonly reject: (error: unknown) => void } | undefined
}

const TIMEOUT = 30_000
let ids = 0

export class RpcClient {
  readonly transport: Transport
  readonly options: CallOptions

  constructor(transport: Transport, options: CallOptions) {
    this.transport = transport
    this.options = options
  }

  with(options: CallOptions): RpcClient {
    return new RpcClient(this.transport, { ...this.options, ...options })
  }

  call(method: string, params: Outgoing['params']): Promise<unknown> {
    return new Promise((resolve, reject) => {
      void this.send({ method, params, settle: { resolve, reject } })
    })
  }

  /** Resolves when it has been sent; there is no answer. */
  async notify(method: string, params: Outgoing['params']): Promise<void> {
    await this.send({ method, params, settle: undefined })
  }

  /** Settles each of the calls, whatever happens. Rejected only where none of them waits for an answer. */
  async send(calls: Outgoing | readonly Outgoing[]): Promise<void> {
    const list = Array.isArray(calls) ? calls as readonly Outgoing[] : [calls as Outgoing]
    const waiting = new Map<number, NonNullable<Outgoing['settle']>>()
    const answered = list.some((call) => call.settle !== undefined)
    const rejectAll = (error: unknown): void => { for (const { reject } of waiting.values()) reject(error) }
    try {
      const texts: string[] = []
      // All are in it before one of them can fail to be written down.
      const numbered = list.map((call) => ({ call, id: call.settle === undefined ? undefined : ++ids }))
      for (const { call, id } of numbered) if (id !== undefined && call.settle !== undefined) waiting.set(id, call.settle)
      for (const { call, id } of numbered) texts.push(requestText(call, id))
      const text = Array.isArray(calls) ? `[${texts.join()}]` : texts[0] as string
      const answers = await this.transport.send(text, [...waiting.keys()], await this.sendOptions())
      for (const answer of answers) {
        // What the server could not read: it does not say which, so it stands for all.
        if (answer.id === null) throw errorIn(answer)
        settle(answer, waiting)
      }
      rejectAll(new RpcTransportError('the server did not answer this request'))
    } catch (error) {
      rejectAll(error)
      if (!answered) throw error
    }
  }

  private async sendOptions(): Promise<{ readonly signal: AbortSignal | undefined, readonly headers: Readonly<Record<string, string>> }> {
    const { timeout = TIMEOUT, signal, headers = {} } = this.options
    signal?.throwIfAborted()
    const signals = [signal, timeout === 0 ? undefined : AbortSignal.timeout(timeout)].filter((one) => one !== undefined)
    return {
      signal: signals.length < 2 ? signals[0] : AbortSignal.any(signals),
      headers: typeof headers === 'function' ? await headers() : headers,
    }
  }
}

function requestText({ method, params }: Pick<Outgoing, 'method' | 'params'>, id: number | undefined): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params, id })
}

function settle(answer: RawAnswer, waiting: Map<number, NonNullable<Outgoing['settle']>>): void {
  const one = waiting.get(answer.id as number)
  if (one === undefined) return
  waiting.delete(answer.id as number)
  if ('error' in answer) one.reject(errorIn(answer))
  else one.resolve(answer.result)
}

function errorIn({ error }: RawAnswer): Error {
  const { code, message, data } = (error ?? {}) as { readonly code?: unknown, readonly message?: unknown, readonly data?: unknown }
  if (!Number.isInteger(code)) return new RpcTransportError('the server answered with an error that is none')
  return rpcErrorOf(code as number, String(message), data)
}
