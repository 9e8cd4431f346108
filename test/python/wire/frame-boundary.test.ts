import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameBoundary, goingAwayFrame } from '../../../src/python/wire/frame-boundary.ts'

/** A client's frame with so many bytes of payload, which look like heads themselves. */
function frame(length: number): Buffer {
  const extended = length < 126 ? Buffer.alloc(0) : Buffer.alloc(length < 65_536 ? 2 : 8)
  if (extended.length > 0) extended.writeUIntBE(length, Math.max(0, extended.length - 6), Math.min(6, extended.length))
  const short = length < 126 ? length : extended.length === 2 ? 126 : 127
  return Buffer.concat([Buffer.from([0x82, 0x80 | short]), extended, Buffer.from([1, 2, 3, 4]), Buffer.alloc(length, 0x81)])
}

const lengths = [0, 1, 125, 126, 200, 65_535, 65_536, 70_000, 0]

test('a boundary is where a frame has come whole, however it is cut', () => {
  for (const length of lengths) {
    const bytes = frame(length)
    for (const size of [1, 2, 3, 7, 1000, bytes.length]) {
      const boundary = new FrameBoundary()
      for (let at = 0; at < bytes.length; at += size) {
        assert.equal(boundary.reached, at === 0, `${length} bytes in pieces of ${size}, at ${at}`)
        const piece = bytes.subarray(at, at + size)
        assert.equal(boundary.pass(piece, { first: false }), piece.length)
      }
      assert.equal(boundary.reached, true)
    }
  }
})

test('it can be asked to stop at the first boundary', () => {
  const bytes = Buffer.concat(lengths.map(frame))
  const boundary = new FrameBoundary()
  let at = 0
  for (const length of lengths) {
    at += boundary.pass(bytes.subarray(at, at + 5), { first: true })
    if (!boundary.reached) at += boundary.pass(bytes.subarray(at), { first: true })
    assert.equal(boundary.reached, true)
    assert.equal(at, lengths.slice(0, lengths.indexOf(length) + 1).reduce((sum, one) => sum + frame(one).length, 0) + (at === bytes.length ? 6 : 0))
    if (lengths.indexOf(length) === lengths.length - 2) break
  }
})

test('a frame without a mask, which only an unruly client sends, has a boundary too', () => {
  const boundary = new FrameBoundary()
  boundary.pass(Buffer.from([0x81, 2, 0x68]), { first: false })
  assert.equal(boundary.reached, false)
  boundary.pass(Buffer.from([0x69]), { first: false })
  assert.equal(boundary.reached, true)
})

test('the frame that says 1001 is masked, as those of clients are, and a whole one', () => {
  const bytes = goingAwayFrame()
  assert.deepEqual([bytes[0], bytes[1], bytes.readUInt16BE(6)], [0x88, 0x82, 1001])
  const boundary = new FrameBoundary()
  boundary.pass(bytes, { first: false })
  assert.equal(boundary.reached, true)
})

test('messages are counted when they have come whole: not control frames, and fragments once (RFC 6455 section 5.4)', () => {
  const small = (first: number, ...payload: number[]): Buffer => Buffer.from([first, payload.length, ...payload])
  const bytes = Buffer.concat([
    small(0x81, 1, 2), small(0x82), small(0x89, 1), // text, binary, a ping
    small(0x01, 1), small(0x8a), small(0x00), small(0x80, 9), // fragments with a pong between
    frame(70_000), small(0x88, 3, 232), // and a Close
  ])
  for (const size of [1, 3, 1000, bytes.length]) {
    const boundary = new FrameBoundary()
    for (let at = 0; at < bytes.length; at += size) boundary.pass(bytes.subarray(at, at + size), { first: false })
    assert.equal(boundary.messages, 4, `in pieces of ${size}`)
  }
  const cut = new FrameBoundary()
  cut.pass(small(0x81, 1, 2).subarray(0, 3), { first: false })
  assert.equal(cut.messages, 0)
})
