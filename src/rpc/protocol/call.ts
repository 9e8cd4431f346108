/** Requests of JSON-RPC 2.0 (sections 4 and 6). */
import { InvalidRequest } from './rpc-error.ts'

export type Id = string | number | null

/** By position, or by name (section 4.2). */
export type Params = readonly unknown[] | Readonly<Record<string, unknown>>

export interface Call {
  readonly method: string
  readonly params: Params | undefined
  /** Undefined for a notification, which is not answered (section 4.1). */
  readonly id: Id | undefined
}

/** What is no request, with the id that its answer has: null where it has none that may be one. */
export interface NoCall {
  readonly refusal: InvalidRequest
  readonly id: Id
}

/** Reads one request. Members that the specification does not know are passed over. */
export function readCall(value: unknown): Call | NoCall {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refused('a request is an object', null)
  const { jsonrpc, method, params, id } = ownMembers(value)
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number' && id !== null) {
    return refused('the id is no string, number or null', null)
  }
  if (jsonrpc !== '2.0') return refused('the member jsonrpc is not "2.0"', id ?? null)
  if (typeof method !== 'string') return refused('the method is no string', id ?? null)
  if (params !== undefined && (typeof params !== 'object' || params === null)) return refused('the params are no array or object', id ?? null)
  return { method, params: params as Params | undefined, id }
}

interface Members { readonly jsonrpc?: unknown, readonly method?: unknown, readonly params?: unknown, readonly id?: unknown }

/** What it has, somebody has put into the prototype of all objects. */
const EMPTY: Members = {}

/** A prototype that somebody has extended is not the request's. */
function ownMembers(value: Members): Members {
  if (EMPTY.jsonrpc === undefined && EMPTY.method === undefined && EMPTY.params === undefined && EMPTY.id === undefined) return value
  return Object.assign(Object.create(null) as Members, value)
}

function refused(why: string, id: Id): NoCall {
  return { refusal: new InvalidRequest(`Invalid Request: ${why}`), id }
}
