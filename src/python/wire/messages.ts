/** Frames with what they say: those to a worker as latin-1 text, the payloads of those from one as values. */
import { LONGEST_PULL, ToWorker, WIRE_VERSION, WireError } from './frames.ts'
import { marshalText, marshalTuple, u32 } from './marshal.ts'

/** `kind` and `body` of REQUEST. */
export type RequestBodyKind = 0 | 1 | 2 | 3

export interface Start {
  readonly target: string
  readonly cwd: string
  readonly pythonPath: readonly string[]
  readonly threads: number
  readonly debug: boolean
  readonly multithread: boolean
  readonly multiprocess: boolean
  readonly environ: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | null>>
  readonly window: number
  readonly watch: boolean
  readonly title: string
}

export interface Hello {
  readonly worker: number
  readonly token: string
  readonly role: 'data' | 'control' | 'life' | 'log' | 'template' | 'tunnel'
  readonly pid: number
}

/** What Python publishes. */
export interface PublishedMessage {
  readonly topic: string
  /** Bytes where Python gave bytes. */
  readonly message: string | Uint8Array
}

/** What Python measures. */
export interface MeasuredValue {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly value: number
  readonly help: string
  readonly labels: Readonly<Record<string, string>>
}

export interface LoadedApplication {
  readonly python: string
  readonly implementation: string
  readonly executable: string
  readonly application: string
  readonly sources: readonly string[]
}

export interface Raised {
  readonly message: string
  readonly traceback: string
}

export interface ForkExit {
  readonly worker: number
  readonly status: number | null
  readonly signal: string | null
}

/** @param payload latin-1 text */
export function frame(type: number, id: number, payload: string = ''): string {
  return u32(payload.length) + String.fromCharCode(type) + u32(id) + payload
}

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const KINDS: readonly string[] = [0, 1, 2, 3].map((kind) => `i${u32(kind)}`)

/** @param environ and body as marshal() gives them */
export function requestFrame(id: number, environ: string, kind: RequestBodyKind, body: string = 'N'): string {
  return frame(ToWorker.REQUEST, id, marshalTuple([environ, KINDS[kind] as string, body]))
}

/** @param environ as marshal() gives it */
export function tunnelFrame(id: number, environ: string, token: string): string {
  return frame(ToWorker.TUNNEL, id, marshalTuple([environ, marshalText(token)]))
}

export function startFrame(start: Start): string {
  return frame(ToWorker.START, 0, utf8(JSON.stringify({ wire: WIRE_VERSION, ...start })))
}

export function forkFrame(worker: number, token: string): string {
  return frame(ToWorker.FORK, 0, utf8(JSON.stringify({ worker, token })))
}

export function creditFrame(id: number, bytes: number): string {
  return frame(ToWorker.CREDIT, id, u32(bytes))
}

export function bodyFrame(id: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(u32(bytes.length) + String.fromCharCode(ToWorker.BODY) + u32(id), 'latin1'), bytes])
}

export function bodyFailedFrame(id: number, why: string): string {
  return frame(ToWorker.BODY_FAILED, id, utf8(why))
}

// From a worker. All throw a WireError for what is not so. -----------------------------------------------------------------------------

export function readHello(payload: Buffer): Hello {
  const { wire, worker, token, role, pid } = readObject(payload)
  if (wire !== WIRE_VERSION) throw new WireError(`version ${String(wire)} of the wire, not ${WIRE_VERSION}`)
  if (!isCount(worker) || typeof token !== 'string' || !isCount(pid)) throw new WireError('a HELLO without worker, token and pid')
  if (!isRole(role)) throw new WireError('a HELLO without a role')
  return { worker, token, role, pid }
}

const ROLES: readonly unknown[] = ['data', 'control', 'life', 'log', 'template', 'tunnel']
const isRole = (role: unknown): role is Hello['role'] => ROLES.includes(role)

export function readLoaded(payload: Buffer): LoadedApplication {
  const { python, implementation, executable, application, sources } = readObject(payload)
  if (typeof python !== 'string' || typeof implementation !== 'string' || typeof executable !== 'string' || typeof application !== 'string') {
    throw new WireError('a LOADED that does not say what')
  }
  if (!Array.isArray(sources) || !sources.every((path) => typeof path === 'string')) throw new WireError('a LOADED without sources')
  return { python, implementation, executable, application, sources: sources as string[] }
}

/** FAILED and ERROR. */
export function readRaised(payload: Buffer): Raised {
  const { message, traceback } = readObject(payload)
  if (typeof message !== 'string' || typeof traceback !== 'string') throw new WireError('an error without message and traceback')
  return { message, traceback }
}

export function readNote(payload: Buffer): string {
  const { message } = readObject(payload)
  if (typeof message !== 'string') throw new WireError('a NOTE without a message')
  return message
}

export function readForkExit(payload: Buffer): ForkExit {
  const { worker, status, signal } = readObject(payload)
  const ended = status === null ? typeof signal === 'string' : typeof status === 'number' && signal === null
  if (!isCount(worker) || !ended) throw new WireError('an EXITED that does not say who and how')
  return { worker, status: status as number | null, signal: signal as string | null }
}

export function readPull(payload: Buffer): number {
  const size = payload.readUInt32LE(0)
  if (size === 0 || size > LONGEST_PULL) throw new WireError(`a PULL of ${size} bytes`)
  return size
}

export function readWritten(payload: Buffer): number {
  const bytes = payload.readUInt32LE(0)
  if (bytes === 0) throw new WireError('a WROTE of no bytes')
  return bytes
}

export function readIds(payload: Buffer): number[] {
  if (payload.length % 4 !== 0) throw new WireError('ids that are not whole')
  return Array.from({ length: payload.length / 4 }, (_, index) => payload.readUInt32LE(index * 4))
}

/** The message is a copy: subscribers keep it. */
export function readPublished(payload: Buffer): PublishedMessage {
  const from = 5 + (payload.length < 5 ? 0 : payload.readUInt32LE(1))
  if (payload.length < from) throw new WireError('a PUBLISH without a topic')
  const topic = readText(payload.subarray(5, from))
  switch (payload[0]) {
    case 0: return { topic, message: readText(payload.subarray(from)) }
    case 1: return { topic, message: new Uint8Array(payload.subarray(from)) }
    default: throw new WireError(`a PUBLISH of kind ${payload[0]}`)
  }
}

export function readMeasured(payload: Buffer): MeasuredValue {
  const { kind, name, value, help, labels } = readObject(payload)
  if (kind !== 'counter' && kind !== 'gauge' && kind !== 'histogram') throw new WireError(`a METRIC of kind ${String(kind)}`)
  if (typeof name !== 'string' || typeof help !== 'string' || typeof value !== 'number') throw new WireError('a METRIC without a value')
  const known = typeof labels === 'object' && labels !== null && Object.values(labels).every((text) => typeof text === 'string')
  if (!known) throw new WireError('a METRIC without labels')
  return { kind, name, value, help, labels: labels as Record<string, string> }
}

export function readText(payload: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)
  } catch {
    throw new WireError('text that is not UTF-8')
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

export function readObject(payload: Buffer): JsonObject {
  const text = readText(payload)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new WireError('not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WireError('JSON that is no object')
  return value as JsonObject
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
