/** A server's methods, to be called as if they were here (pulsar's JsonProxy). Runs in browsers too. */
import type { ApiOf } from './api.ts'
import { HttpTransport } from './http-transport.ts'
import { RpcClient, type CallOptions, type Outgoing } from './rpc-client.ts'
import { SocketTransport, type WebSocketClass } from './socket-transport.ts'
import type { Transport } from './transport.ts'

export interface JsonProxyOptions extends CallOptions {
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** Instead of the global one, which Node.js has since version 22. */
  readonly WebSocket?: WebSocketClass
}

type Params = readonly unknown[] | Readonly<Record<string, unknown>>

/** The same methods, to be called without an answer: a promise says that the call has left. */
export type Notifications<Api> = {
  readonly [K in keyof Api]: Api[K] extends (...args: infer Args) => unknown ? (...args: Args) => Promise<void> : Notifications<Api[K]>
}

/** What a proxy has beside the server's methods. */
export interface ProxyControls<T> {
  /** Calls a method by a name that is known at run time only, or that no property can have. */
  $call(method: string, params?: Params): Promise<unknown>
  readonly $notify: Notifications<ApiOf<T>>
  /**
   * Sends all calls that are made in the function as one batch: `$batch((batch) => [batch.add(1, 2), batch.add(3, 4)])`.
   * Resolves with their results, and is rejected with the first error.
   */
  $batch<const Calls extends readonly unknown[]>(
    make: (batch: ApiOf<T> & { readonly $notify: Notifications<ApiOf<T>> }) => Calls,
  ): Promise<{ -readonly [K in keyof Calls]: Awaited<Calls[K]> }>
  /** The same server, with other options for its calls. */
  $with(options: CallOptions): JsonProxy<T>
  /** Closes the WebSocket; the next call opens another. */
  $close(): void
}

/** The methods of a server of the type `T`, and controls that begin with `$`. */
export type JsonProxy<T> = ApiOf<T> & ProxyControls<T>

export interface JsonProxyConstructor {
  /** @param url `http:`, `https:`, `ws:` or `wss:`; in a browser a path too, by HTTP */
  new <T>(url: string | URL, options?: JsonProxyOptions): JsonProxy<T>
}

/**
 * ```ts
 * const proxy = new JsonProxy<Calculator>('http://127.0.0.1:8060/rpc')
 * await proxy.add(1, 2)
 * ```
 * A single argument that is a plain object is sent as named parameters, anything else by position.
 */
export const JsonProxy: JsonProxyConstructor = function JsonProxy(url: string | URL, options: JsonProxyOptions = {}): unknown {
  return proxyOf(new RpcClient(transportFor(String(url), options), options))
} as unknown as JsonProxyConstructor

function transportFor(url: string, options: JsonProxyOptions): Transport {
  if (!/^wss?:/i.test(url)) return new HttpTransport(url, options.fetch ?? globalThis.fetch)
  const Class = options.WebSocket ?? (globalThis as { readonly WebSocket?: WebSocketClass }).WebSocket
  if (Class === undefined) throw new TypeError('there is no global WebSocket here: give one by the option WebSocket')
  return new SocketTransport(url, Class)
}

type Invoke = (method: string, params: Params | undefined) => unknown

function proxyOf(client: RpcClient): unknown {
  const controls: ProxyControls<unknown> = {
    $call: (method, params) => client.call(method, params),
    $notify: methodsBy((method, params) => client.notify(method, params)) as never,
    $batch: (make) => batch(client, make as (batch: unknown) => readonly unknown[]) as never,
    $with: (options) => proxyOf(client.with(options)) as never,
    $close: () => client.transport.close(),
  }
  return methodsBy((method, params) => client.call(method, params), controls)
}

async function batch(client: RpcClient, make: (batch: unknown) => readonly unknown[]): Promise<readonly unknown[]> {
  const calls: Outgoing[] = []
  const call: Invoke = (method, params) => new Promise((resolve, reject) => { calls.push({ method, params, settle: { resolve, reject } }) })
  const notify: Invoke = async (method, params) => { calls.push({ method, params, settle: undefined }) }
  const results = Promise.all(make(methodsBy(call, { $notify: methodsBy(notify) })))
  const none = calls.length === 0
  if (!none) await client.send(calls)
  return results
}

/** Any property is a method, or the handler that it is below; `then` is none, so that a proxy can be awaited. */
function methodsBy(invoke: Invoke, controls: object = {}, prefix: string = ''): unknown {
  const target = (...args: readonly unknown[]): unknown => invoke(prefix, paramsOf(args))
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'symbol' || name === 'then') return undefined
      if (prefix === '' && Object.hasOwn(controls, name)) return (controls as Readonly<Record<string, unknown>>)[name]
      return methodsBy(invoke, {}, prefix === '' ? name : `${prefix}.${name}`)
    },
    apply(called, _, args: readonly unknown[]) {
      if (prefix === '') throw new TypeError('a proxy is no method: call one of its properties')
      return called(...args)
    },
    set: () => false,
    deleteProperty: () => false,
  })
}

function paramsOf(args: readonly unknown[]): Params | undefined {
  if (args.length === 0) return undefined
  const [first] = args
  return args.length === 1 && isPlainObject(first) ? first : args
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
