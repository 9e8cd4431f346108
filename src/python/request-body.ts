/** The body of a request on its way to Python: whole, in memory or in a file, or as it is asked for. */
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { latin1Of } from '../http/latin1.ts'
import { marshalBytes, marshalText } from './wire/marshal.ts'
import type { RequestBodyKind } from './wire/messages.ts'

/** Where bytes come from: a body's pull() or, through TypeScript, `wsgi.input`. */
export interface Incoming {
  /** In bytes; null where only the end will tell. */
  readonly length: number | null
  /** The next bytes, null or none at the end; with a size no more than that, where it is not null. */
  pull(size?: number): Uint8Array | null | Promise<Uint8Array | null>
}

export interface BodyPlan {
  readonly buffering: 'on' | 'off'
  /** The longest body that is kept, in bytes. */
  readonly limit: number
  /** For files. */
  readonly directory: string
}

/** `kind` and `body` of REQUEST. */
export interface ReadyBody {
  readonly kind: RequestBodyKind
  readonly body: string
  /** The file that it is in. */
  readonly file?: string
}

/** The body is longer than may be kept. */
export class BodyTooLong extends Error {
  override readonly name: string = 'BodyTooLong'
}

/** Bytes of one body in memory. */
const IN_MEMORY = 65_536
const EMPTY: ReadyBody = { kind: 0, body: 'N' }
const STREAMED: ReadyBody = { kind: 3, body: 'N' }
let files = 0

/** At once where the body is there already. @throws {BodyTooLong}, and (a rejection) what pull() rejects with */
export function readBody(incoming: Incoming, plan: BodyPlan): ReadyBody | Promise<ReadyBody> {
  const { length } = incoming
  if (length === 0) return EMPTY
  if (plan.buffering === 'off') return STREAMED
  if (length !== null && length > plan.limit) throw tooLong(plan)
  if (length === null || length > IN_MEMORY) return gather(incoming, plan)
  const whole = incoming.pull(length)
  return whole instanceof Promise ? whole.then(inMemory) : inMemory(whole)
}

/** Gives a streamed body in the portions that Python asks for. */
export class BodyPortions {
  private readonly incoming: Incoming
  private rest: Uint8Array = new Uint8Array(0)

  constructor(incoming: Incoming) {
    this.incoming = incoming
  }

  /** As many as are there, up to `size`; null at the end. */
  async next(size: number): Promise<Uint8Array | null> {
    const bytes = this.rest.length > 0 ? this.rest : await this.incoming.pull()
    if (bytes === null || bytes.length === 0) return null
    this.rest = bytes.subarray(size)
    return bytes.subarray(0, size)
  }
}

function inMemory(bytes: Uint8Array | null): ReadyBody {
  return bytes === null || bytes.length === 0 ? EMPTY : { kind: 1, body: marshalBytes(latin1Of(bytes)) }
}

async function gather(incoming: Incoming, plan: BodyPlan): Promise<ReadyBody> {
  const pieces: Uint8Array[] = []
  let length = 0
  for (let piece = await incoming.pull(); piece !== null && piece.length > 0; piece = await incoming.pull()) {
    pieces.push(piece)
    length += piece.length
    if (length > plan.limit) throw tooLong(plan)
    if (length > IN_MEMORY) return intoFile(incoming, pieces, plan)
  }
  return inMemory(Buffer.concat(pieces))
}

async function intoFile(incoming: Incoming, pieces: readonly Uint8Array[], plan: BodyPlan): Promise<ReadyBody> {
  const file = join(plan.directory, `body-${++files}`)
  const handle = await open(file, 'wx', 0o600)
  try {
    await fill(handle, incoming, pieces, plan)
    await handle.close()
    return { kind: 2, body: marshalText(file), file }
  } catch (error) {
    await handle.close()
    await unlink(file)
    throw error
  }
}

async function fill(handle: FileHandle, incoming: Incoming, pieces: readonly Uint8Array[], plan: BodyPlan): Promise<void> {
  let length = 0
  const write = async (piece: Uint8Array): Promise<void> => {
    length += piece.length
    if (length > plan.limit) throw tooLong(plan)
    for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten
  }
  for (const piece of pieces) await write(piece)
  for (let piece = await incoming.pull(); piece !== null && piece.length > 0; piece = await incoming.pull()) await write(piece)
}

function tooLong({ limit }: BodyPlan): BodyTooLong {
  return new BodyTooLong(`the body is longer than ${limit} bytes`)
}
