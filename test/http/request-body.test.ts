import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { IncomingBody, type BodyOwner } from '../../src/http/request-body.ts'

const owner: BodyOwner = { bodyWanted() {}, bodyFull() {}, bodyDrained() {} }

/** What the application gets of so many bytes, read into a buffer that it may keep, and whether the body has kept that. */
async function given(count: number, of: number, waiting: boolean): Promise<{ readonly kept: boolean, readonly same: boolean, readonly text: string }> {
  const buffer = Buffer.alloc(of, 'x')
  const body = new IncomingBody(1_000_000, owner)
  const early = waiting ? body.pull() : undefined
  const kept = body.push(buffer, 0, count, 'given')
  const piece = await (early ?? body.pull()) as Buffer
  return { kept, same: piece.buffer === buffer.buffer, text: String(piece) }
}

describe('what a body keeps of a buffer that it may keep', () => {
  for (const waiting of [true, false]) {
    test(`most of it is kept as it is, ${waiting ? 'and given to whoever waits' : 'until somebody asks'}`, async () => {
      assert.deepEqual(await given(60_000, 65_536, waiting), { kept: true, same: true, text: 'x'.repeat(60_000) })
    })

    test(`little of it is copied, so that a slow client does not hold the rest, ${waiting ? 'also for whoever waits' : 'until somebody asks'}`, async () => {
      assert.deepEqual(await given(1, 65_536, waiting), { kept: false, same: false, text: 'x' })
    })
  }
})
