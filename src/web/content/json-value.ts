/** A value for JSON without what must be awaited first. */
import type { WsgiRequest } from '../request.ts'
import { AsyncString } from './async-string.ts'
import { isPromise } from './rendering.ts'

const decoder = new TextDecoder()

/**
 * The value with every promise, async iterable and content in it replaced by what it stands for; a promise where one of
 * them is to be awaited. They are awaited side by side.
 * @throws {TypeError} for a value that holds itself
 */
export function resolveValue(value: unknown, request: WsgiRequest | undefined, above: readonly object[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) throw new TypeError('a value that holds itself cannot be written as JSON')
  const within = [...above, value]
  const resolve = (inner: unknown): unknown => resolveValue(inner, request, within)
  if (isPromise(value)) return value.then(resolve)
  if (value instanceof AsyncString) return resolve(value.jsonValue(request))
  if (value instanceof Uint8Array) return decoder.decode(value)
  if ('toJSON' in value && typeof value.toJSON === 'function') return resolve(value.toJSON())
  if (Symbol.asyncIterator in value) return gather(value as AsyncIterable<unknown>, resolve)
  if (Symbol.iterator in value) return together([...(value as Iterable<unknown>)].map(resolve))
  const keys = Object.keys(value)
  const values = together(Object.values(value).map(resolve))
  // Object.fromEntries makes a property of `__proto__`, which an assignment would not.
  const joined = (all: readonly unknown[]): unknown => Object.fromEntries(keys.map((key, index) => [key, all[index]]))
  return isPromise(values) ? values.then((all) => joined(all as readonly unknown[])) : joined(values as readonly unknown[])
}

function together(values: readonly unknown[]): readonly unknown[] | Promise<readonly unknown[]> {
  return values.some(isPromise) ? Promise.all(values) : values
}

async function gather(source: AsyncIterable<unknown>, resolve: (value: unknown) => unknown): Promise<readonly unknown[]> {
  const values: unknown[] = []
  for await (const value of source) values.push(await resolve(value))
  return values
}
