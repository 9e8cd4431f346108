/** A body of WSGI, packed while it is sent. */
import type { Bytes, WSGIBody } from '../../gateway/wsgi.ts'
import type { Compressor } from './codecs.ts'

type Step = IteratorResult<unknown>

/**
 * Packs block by block, no further than the client takes it. What was given is sent before the next block is waited for,
 * so that a stream of events stays one.
 */
export function compressedBody(source: WSGIBody, compressor: Compressor): WSGIBody {
  const iterator = iteratorOf(source)
  const packed: Bytes[] = []
  let failure: Error | undefined
  compressor.on('data', (bytes: Buffer) => packed.push(bytes))
  compressor.on('error', (error: Error) => { failure = error })
  async function* blocks(): AsyncGenerator<Bytes, void, undefined> {
    for (;;) {
      const next = Promise.resolve(iterator.next())
      if (await isSlow(next)) {
        await called((done) => compressor.flush(done))
        yield* packed.splice(0)
      }
      const step: Step = await next
      if (step.done === true) break
      const block = (await step.value) as Bytes
      await called((done) => compressor.write(block, () => done()))
      if (failure !== undefined) throw failure
      yield* packed.splice(0)
    }
    await new Promise<void>((resolve, reject) => {
      compressor.once('end', resolve)
      compressor.once('error', reject)
      compressor.end()
    })
    yield* packed.splice(0)
  }
  return { [Symbol.asyncIterator]: blocks, close: () => closeAll(source, iterator, compressor) }
}

/** An answer that was cut off: the source hears of it even where its next block is still waited for. */
async function closeAll(source: WSGIBody, iterator: Iterator<unknown> | AsyncIterator<unknown>, compressor: Compressor): Promise<void> {
  compressor.destroy()
  try {
    await source.close?.()
  } finally {
    await iterator.return?.()
  }
}

function iteratorOf(source: WSGIBody): Iterator<unknown> | AsyncIterator<unknown> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}

/** True where a step takes longer than what is ready anyway: a turn of the loop. */
async function isSlow(step: Promise<Step>): Promise<boolean> {
  const there = step.then((result) => result.done === true ? undefined : result.value).then(() => false, () => false)
  const turn = new Promise<true>((resolve) => { setImmediate(resolve, true) })
  return Promise.race([there, turn])
}

function called(start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => start(resolve))
}
