/** The environ of a request that comes through TypeScript, as the wire has it: with what middleware has put in. */
import type { Environ } from '../gateway/wsgi.ts'
import { marshal, marshalDict, marshalText, type Marshalled } from './wire/marshal.ts'

/** Objects in this process, and what the worker says itself or was told at its start. */
const HERE: ReadonlySet<string> = new Set([
  'wsgi.input', 'wsgi.errors', 'wsgi.file_wrapper', 'wsgi.version', 'wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once',
  'wsgi.input_terminated', 'pulsar.client_disconnected', 'pulsar.connection', 'pulsar.cfg',
  'pulsar.publish', 'pulsar.metrics', 'werkzeug.socket',
])
const DEEPEST = 64

/** The dict, as marshal() gives it. Values that JSON has none like are left out: functions, objects of a class, circles. */
export function environValues(environ: Environ): string {
  let entries = ''
  for (const [key, value] of Object.entries(environ)) {
    if (HERE.has(key)) continue
    if (typeof value === 'string') entries += marshalText(key) + marshalText(value)
    else if (crosses(value, DEEPEST)) entries += marshalText(key) + marshal(value)
  }
  return marshalDict(entries)
}

function crosses(value: unknown, depth: number): value is Marshalled {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return true
  if (typeof value !== 'object' || depth === 0) return false
  if (value instanceof Uint8Array) return true
  if (Array.isArray(value)) return value.every((one) => crosses(one, depth - 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every((one) => crosses(one, depth - 1))
}
