/** The applications of node:http's world, and what is common to them: somebody takes requests, upgrades, and is made ready. */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** `(req, res)`: a plain function, an Express application, what Koa's `callback()` gives. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/** An `http.Server`, or what emits the events of one: `request`, and where it likes `upgrade`, `connect` and `checkContinue`. */
export type NodeServer = EventEmitter

/** Fastify: ready when its plugins are loaded. */
export interface FastifyLike {
  readonly server: NodeServer
  ready(): PromiseLike<unknown>
  close(): PromiseLike<unknown>
}

/** Nest: an adapter of its own around a server. */
export interface NestLike {
  getHttpServer(): NodeServer
  init(): PromiseLike<unknown>
  close(): PromiseLike<unknown>
}

export interface KoaLike {
  callback(): NodeHandler
}

/** What fromNode() takes. */
export type NodeApplication = NodeHandler | NodeServer | FastifyLike | NestLike | KoaLike

/** An application, reduced to what a gateway needs. */
export interface NodeTarget {
  /** Who emits `upgrade` and the like; null for a bare function. */
  readonly server: NodeServer | null
  handle(request: IncomingMessage, response: ServerResponse): unknown
  /** Must have resolved before the first request. */
  ready?(): PromiseLike<unknown>
  /** Ends what the application has open. */
  close?(): PromiseLike<unknown>
}

/**
 * Whether a value is an application of this kind and of no other: what has the methods of one, or a function whose second
 * parameter is named for the response.
 */
export function isNodeApplication(value: unknown): boolean {
  if (typeof value !== 'function') return nodeTarget(value) !== undefined
  // Express and Connect: a function with the methods of an application.
  const { handle, use } = value as { handle?: unknown, use?: unknown }
  return (typeof handle === 'function' && typeof use === 'function') || PARAMETERS.test(String(value))
}

/** `(req, res`, `function (request, response, next`, also `async` and with a name. */
const PARAMETERS = /^(?:async\s+)?(?:function\b[^(]*)?\(\s*_?re?q\w*\s*,\s*_?res\w*\s*[,)]/

/** Undefined for what is none. Any function is taken for one. */
export function nodeTarget(application: unknown): NodeTarget | undefined {
  if (typeof application === 'function') return { server: null, handle: application as NodeHandler }
  if (isServer(application)) return ofServer(application)
  if (has<FastifyLike>(application, 'ready', 'close') && isServer(application.server)) {
    return { ...ofServer(application.server), ready: () => application.ready(), close: () => application.close() }
  }
  if (has<NestLike>(application, 'getHttpServer', 'init', 'close')) {
    return { ...ofServer(application.getHttpServer()), ready: () => application.init(), close: () => application.close() }
  }
  if (has<KoaLike>(application, 'callback', 'listen')) return { server: null, handle: application.callback() }
  return undefined
}

function ofServer(server: NodeServer): NodeTarget {
  return {
    server,
    handle: (request, response) => {
      // Called here instead of by emit(), which drops the promise of an asynchronous listener.
      const listeners = server.rawListeners('request')
      if (listeners.length === 1) return Reflect.apply(listeners[0] as NodeHandler, server, [request, response])
      if (listeners.length === 0) throw new Error('the http.Server has no listener to request')
      return server.emit('request', request, response)
    },
  }
}

/** Anything that listens to requests and was made to listen on a port. */
function isServer(value: unknown): value is NodeServer {
  return has<NodeServer>(value, 'emit', 'on', 'listenerCount', 'rawListeners') && has(value, 'listen', 'address')
}

function has<T extends object>(value: unknown, ...methods: readonly string[]): value is T {
  return typeof value === 'object' && value !== null && methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
