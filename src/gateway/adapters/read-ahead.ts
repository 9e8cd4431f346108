/** The beginning of a stream: whether it is short enough to be one answer with its length. */

export type Reader = ReadableStreamDefaultReader<Uint8Array>
type Outcome = Awaited<ReturnType<Reader['read']>>

/** All of the body, or its first block and what the next read will give. */
export type Beginning =
  | { readonly whole: Uint8Array }
  | { readonly first: Uint8Array, readonly next: Promise<Outcome> }

/** How often the microtasks get a turn before a stream that is not at its end counts as one: nobody is kept waiting. */
const TURNS = 8
const NOTHING = new Uint8Array(0)

/** @throws what the stream fails with; a {@link TypeError} (a rejection) for what is no bytes */
export async function readAhead(reader: Reader): Promise<Beginning> {
  const { done, value } = await reader.read()
  if (done) return { whole: NOTHING }
  const first = checkedBytes(value)
  const next = reader.read()
  let ended: Outcome | undefined
  // A failure is told to whoever awaits `next`.
  next.then((outcome) => { ended = outcome }, () => undefined)
  for (let turn = 0; turn < TURNS && ended === undefined; turn++) await undefined
  return ended?.done === true ? { whole: first } : { first, next }
}

/**
 * Fetch Standard: a body's chunks are `Uint8Array` objects. Text is sent as UTF-8 all the same, as Bun and `@hono/node-server` do
 * it: Elysia's generators give text.
 */
export function checkedBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  throw new TypeError(`a chunk of the response's body is of type ${chunk === null ? 'null' : typeof chunk}, not a Uint8Array (Fetch Standard, "bodies")`)
}
