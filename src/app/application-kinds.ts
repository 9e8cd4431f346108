/** The kinds of application that a TARGET may export, each made a WSGI application. A new kind is a row. */
import type { Settings } from '../config/settings.ts'
import type { FetchApplication } from '../gateway/adapters/fetch-handler.ts'
import { isNodeApplication, nodeTarget, type NodeApplication } from '../gateway/adapters/node-application.ts'
import { ownGateway } from '../gateway/own-gateway.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'

export type KindName = NonNullable<Settings['kind']>

interface Kind {
  /** What one is, behind "expected". */
  readonly expected: string
  /** Whether a value is taken for one where the user has not said. */
  recognizes(value: unknown): boolean
  /** Whether a value can be one where the user has said so. */
  accepts(value: unknown): boolean
  /** Adapters are loaded when there is something to adapt. */
  adapt(value: unknown): WSGIApplication | Promise<WSGIApplication>
}

/** In the order in which they are asked. */
const kinds: Readonly<Record<KindName, Kind>> = {
  fetch: {
    expected: 'a fetch handler (request, env, context), or an object with fetch()',
    // A WSGI callable has two parameters: with one alone nothing could be answered.
    recognizes: (value) => hasFetch(value) || (isFunction(value) && value.length === 1),
    accepts: (value) => hasFetch(value) || isFunction(value),
    adapt: async (value) => {
      const { fromFetch } = await import('../gateway/adapters/from-fetch.ts')
      return fromFetch(value as FetchApplication)
    },
  },
  node: {
    expected: 'a Node handler (req, res), an http.Server, or an application of Express, Fastify, Koa or Nest',
    recognizes: isNodeApplication,
    accepts: (value) => nodeTarget(value) !== undefined,
    adapt: async (value) => {
      const { fromNode } = await import('../gateway/adapters/from-node.ts')
      return fromNode(value as NodeApplication)
    },
  },
  wsgi: {
    expected: 'a WSGI callable (environ, startResponse)',
    recognizes: isFunction,
    accepts: isFunction,
    adapt: (value) => value as WSGIApplication,
  },
}

/** What is no application, or not of the kind that it was said to be; the message goes behind its name. */
export class KindError extends TypeError {
  override readonly name: string = 'KindError'
}

/**
 * @param kind as the user has said; null finds it out
 * @throws {KindError} (a rejection) for what is no application, or not of that kind
 */
export async function applicationOf(value: unknown, kind: KindName | null): Promise<WSGIApplication> {
  // One that brings its own gateway is a WSGI application already, whatever is underneath.
  if (isFunction(value) && ownGateway in value) return value as unknown as WSGIApplication
  if (isClass(value) && !hasFetch(value)) throw new KindError(`is the class ${value.name}: export an object of it, or a function`)
  if (value instanceof Promise) throw new KindError('is a promise: export what it resolves to, with await')
  const asked = kind === null ? Object.values(kinds) : [kinds[kind]]
  const found = asked.find((one) => kind === null ? one.recognizes(value) : one.accepts(value))
  if (found !== undefined) return found.adapt(value)
  throw new KindError(`is ${describe(value)}: expected ${asked.map(({ expected }) => expected).reverse().join(', or ')}`)
}

function isFunction(value: unknown): value is (...parameters: never) => unknown {
  return typeof value === 'function'
}

/** It cannot be called without `new`: each request would fail. */
function isClass(value: unknown): value is { readonly name: string } {
  return isFunction(value) && /^class\b/.test(Function.prototype.toString.call(value))
}

function hasFetch(value: unknown): boolean {
  return value !== null && value !== undefined && typeof (value as Partial<FetchApplication>).fetch === 'function'
}

function describe(value: unknown): string {
  if (isFunction(value)) return 'a function'
  return hasFetch(value) ? 'an object with fetch()' : value === null ? 'null' : `of type ${typeof value}`
}
