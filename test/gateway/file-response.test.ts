import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { fstatSync, mkdtempSync, statSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { sendFile, type SendFileOptions } from '../../src/gateway/file-response.ts'
import { RecordingExchange, type RecordingOptions } from '../support/recording-exchange.ts'

const folder = mkdtempSync(join(tmpdir(), 'pulsar-file-response-'))
after(() => rmSync(folder, { recursive: true }))

const modified = Date.UTC(2024, 0, 10, 12) / 1000
function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  utimesSync(path, modified, modified + 0.456)
  return path
}
const small = file('small.txt', '0123456789')
const empty = file('empty.html', '')
const bigContent = randomBytes(300_000)
const big = file('big.bin', bigContent)

async function answer(path: string, request: RecordingOptions = {}, options: SendFileOptions = {}): Promise<RecordingExchange> {
  const exchange = new RecordingExchange(request)
  await sendFile(exchange, path, options)
  assert.equal(exchange.closed, true)
  return exchange
}
function asking(...fields: string[]): RecordingOptions {
  return { fields }
}
async function etagOf(path: string): Promise<string> {
  return (await answer(path)).values('etag')[0] as string
}

const endOf = ({ closing }: RecordingExchange): object => ({ cause: closing?.cause, status: closing?.status, bytes: closing?.bytes })

test('a small file goes out whole, with what is known of it', async () => {
  const exchange = await answer(small)
  assert.equal(exchange.status, '200 OK')
  assert.equal(exchange.content.toString(), '0123456789')
  assert.equal(exchange.atOnce, true)
  assert.deepEqual(exchange.values('content-type'), ['text/plain; charset=utf-8'])
  assert.deepEqual(exchange.values('content-length'), ['10'])
  assert.deepEqual(exchange.values('accept-ranges'), ['bytes'])
  assert.deepEqual(exchange.values('last-modified'), ['Wed, 10 Jan 2024 12:00:00 GMT'])
  assert.match(exchange.values('etag').join(), /^"[\w-]{20}"$/)
  assert.deepEqual(endOf(exchange), { cause: null, status: 200, bytes: 10 })
})

test('a large file goes out in blocks, as fast as the client takes it and no faster', async () => {
  const fast = await answer(big)
  assert.equal(fast.atOnce, false)
  assert.ok(fast.content.equals(bigContent))
  assert.ok(fast.pieces.every((piece) => piece.length <= 65536))
  const slow = await answer(big, { highWater: 1 })
  assert.ok(slow.content.equals(bigContent))
  assert.ok(slow.mostWaiting <= 65536, `${slow.mostWaiting} bytes were waiting`)
})

test('an empty file has an empty body, and no part', async () => {
  const whole = await answer(empty)
  assert.equal(whole.status, '200 OK')
  assert.deepEqual(whole.values('content-length'), ['0'])
  assert.equal((await answer(empty, asking('Range', 'bytes=0-'))).status, '416 Range Not Satisfiable')
  assert.equal((await answer(empty, asking('Range', 'bytes=-5'))).status, '200 OK')
})

test('HEAD has the fields of GET and no body, and its Range is ignored', async () => {
  for (const path of [small, big, empty]) {
    const get = await answer(path)
    const head = await answer(path, { method: 'HEAD', fields: ['Range', 'bytes=0-1'] })
    assert.equal(head.status, '200 OK')
    assert.deepEqual(head.fields, get.fields)
    assert.equal(head.pieces.length, 0)
  }
})

test('one range is a 206 with Content-Range', async () => {
  const part = await answer(small, asking('Range', 'bytes=2-4'))
  assert.equal(part.status, '206 Partial Content')
  assert.equal(part.content.toString(), '234')
  assert.deepEqual(part.values('content-range'), ['bytes 2-4/10'])
  assert.deepEqual(part.values('content-length'), ['3'])
  assert.equal(part.values('etag').length, 1)
  const long = await answer(big, asking('Range', 'bytes=1000-'))
  assert.ok(long.content.equals(bigContent.subarray(1000)))
})

/** Reads a multipart/byteranges body to the letter. */
function readParts(exchange: RecordingExchange): { fields: string; content: Buffer }[] {
  const boundary = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/.exec(exchange.values('content-type').join())?.[1] as string
  let text = exchange.content.toString('latin1')
  assert.ok(text.endsWith(`\r\n--${boundary}--\r\n`))
  text = `\r\n${text.slice(0, text.lastIndexOf(`\r\n--${boundary}--\r\n`))}`
  const [preamble, ...parts] = text.split(`\r\n--${boundary}\r\n`)
  assert.equal(preamble, '')
  return parts.map((part) => {
    const end = part.indexOf('\r\n\r\n')
    return { fields: part.slice(0, end), content: Buffer.from(part.slice(end + 4), 'latin1') }
  })
}

test('several ranges are the parts of a multipart, in the order asked for', async () => {
  const exchange = await answer(big, asking('Range', 'bytes=200000-299999, 0-9, -100'))
  assert.equal(exchange.status, '206 Partial Content')
  assert.deepEqual(exchange.values('content-range'), [], 'it is the parts that have one')
  assert.deepEqual(exchange.values('content-length'), [String(exchange.content.length)])
  const parts = readParts(exchange)
  assert.deepEqual(
    parts.map((part) => part.fields),
    [
      'Content-Type: application/octet-stream\r\nContent-Range: bytes 200000-299999/300000',
      'Content-Type: application/octet-stream\r\nContent-Range: bytes 0-9/300000'
    ]
  )
  assert.ok(parts[0]?.content.equals(bigContent.subarray(200000)))
  assert.ok(parts[1]?.content.equals(bigContent.subarray(0, 10)))
})

test('whatever ranges are asked for, each part is what its Content-Range says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(310_000), fc.nat(2000)), { minLength: 1, maxLength: 4 }), async (asked) => {
      const range = `bytes=${asked.map(([start, length]) => `${start}-${start + length}`).join(',')}`
      const exchange = await answer(big, { fields: ['Range', range], highWater: 1000 })
      if (exchange.status.startsWith('416')) return assert.ok(asked.every(([start]) => start >= bigContent.length))
      assert.deepEqual(exchange.values('content-length'), [String(exchange.content.length)])
      if (exchange.status.startsWith('200')) {
        // Three overlaps, or three steps back, are an attack: the field is ignored.
        assert.equal(asked.length, 4)
        return assert.ok(exchange.content.equals(bigContent))
      }
      const single = exchange.values('content-range')
      const parts =
        single.length === 1 ? [{ fields: `Content-Range: ${single.join()}`, content: exchange.content }] : readParts(exchange)
      for (const part of parts) {
        const [, start, end] = /Content-Range: bytes (\d+)-(\d+)\/300000$/.exec(part.fields) ?? []
        assert.ok(part.content.equals(bigContent.subarray(Number(start), Number(end) + 1)), part.fields)
      }
    }),
    { numRuns: 60 }
  )
})

test('ranges that cannot be had are a 416 that tells the size', async () => {
  const exchange = await answer(small, asking('Range', 'bytes=10-'))
  assert.equal(exchange.status, '416 Range Not Satisfiable')
  assert.deepEqual(exchange.values('content-range'), ['bytes */10'])
  assert.equal(exchange.content.toString(), 'Range Not Satisfiable\n')
})

test('a Range that is malformed or an attack is answered with the whole', async () => {
  for (const range of ['bytes=5-2', 'lines=1-2', `bytes=${'0-,'.repeat(5)}0-`]) {
    const exchange = await answer(small, asking('Range', range))
    assert.equal(exchange.status, '200 OK', range)
    assert.equal(exchange.content.length, 10)
  }
})

test('a client that has the file already gets 304 with what updates its copy', async () => {
  const etag = await etagOf(small)
  const own: SendFileOptions = {
    fields: [
      ['Cache-Control', 'max-age=60'],
      ['Content-Language', 'en'],
      ['Content-Location', '/x'],
      ['Vary', 'Accept']
    ]
  }
  for (const request of [
    asking('If-None-Match', etag),
    asking('If-None-Match', `"x", W/${etag}`),
    asking('If-Modified-Since', 'Wed, 10 Jan 2024 12:00:00 GMT')
  ]) {
    const exchange = await answer(small, request, own)
    assert.equal(exchange.status, '304 Not Modified')
    assert.equal(exchange.pieces.length, 0)
    assert.deepEqual(exchange.fields, [
      ['ETag', etag],
      ['Cache-Control', 'max-age=60'],
      ['Content-Location', '/x'],
      ['Vary', 'Accept']
    ])
  }
  assert.equal((await answer(small, { method: 'HEAD', fields: ['If-None-Match', etag] })).status, '304 Not Modified')
  assert.equal((await answer(small, asking('If-None-Match', '"x"'))).status, '200 OK')
  assert.deepEqual((await answer(small, asking('If-Modified-Since', 'Wed, 10 Jan 2024 12:00:00 GMT'), { etag: null })).fields, [
    ['Last-Modified', 'Wed, 10 Jan 2024 12:00:00 GMT']
  ])
})

test('a condition that fails is a 412', async () => {
  for (const request of [asking('If-Match', '"x"'), asking('If-Unmodified-Since', 'Wed, 10 Jan 2024 11:59:59 GMT')]) {
    const exchange = await answer(small, request)
    assert.equal(exchange.status, '412 Precondition Failed')
    assert.equal(exchange.content.toString(), 'Precondition Failed\n')
  }
  assert.equal((await answer(small, asking('If-Match', await etagOf(small)))).status, '200 OK')
})

test('If-Range: the part of the file that the client knows, else all of the one that is', async () => {
  const etag = await etagOf(small)
  const asked = async (ifRange: string): Promise<string> =>
    (await answer(small, asking('Range', 'bytes=0-1', 'If-Range', ifRange))).status.slice(0, 3)
  assert.equal(await asked(etag), '206')
  assert.equal(await asked('Wed, 10 Jan 2024 12:00:00 GMT'), '206')
  assert.equal(await asked(`W/${etag}`), '200')
  assert.equal(await asked('"x"'), '200')
  assert.equal(await asked('Wed, 10 Jan 2024 12:00:01 GMT'), '200')
})

test('the entity tag changes with time, size and inode, and is weak while the file is new', async () => {
  const path = file('changing.txt', 'aaaa')
  const first = await etagOf(path)
  assert.equal(await etagOf(path), first)
  utimesSync(path, modified, modified + 0.457)
  const second = await etagOf(path)
  assert.notEqual(second, first)
  file('changing.txt', 'bbbbb')
  const third = await etagOf(path)
  assert.equal(new Set([first, second, third]).size, 3)
  // Another file of the same size and time, put in its place: only the inode tells.
  renameSync(file('replacement.txt', 'ccccc'), path)
  assert.notEqual(await etagOf(path), third)
  writeFileSync(path, 'ddddd')
  assert.match(await etagOf(path), /^W\/"[\w-]{20}"$/)
})

test('a status without a body costs no read', async () => {
  const handle = await open(big)
  const { fd } = handle
  const stat = handle.stat.bind(handle) as (options: object) => Promise<unknown>
  let described = false
  Object.defineProperty(handle, 'fd', { get: () => (described ? assert.fail('read') : fd) })
  Object.assign(handle, { stat: (options: object) => stat(options).finally(() => { described = true }) })
  const exchange = new RecordingExchange()
  await sendFile(exchange, handle, { status: '204 No Content' })
  assert.deepEqual(endOf(exchange), { cause: null, status: 204, bytes: 0 })
})

test('a file of the future is not said to be', async () => {
  const path = file('future.txt', 'x')
  utimesSync(path, 4e9, 4e9)
  const [date = ''] = (await answer(path)).values('last-modified')
  assert.ok(Date.parse(date) <= Date.now())
})

test('status, fields and validators of the application stand', async () => {
  const exchange = await answer(
    small,
    {},
    {
      status: '200 Fine',
      type: 'text/x-own',
      etag: '"own"',
      lastModified: 0,
      fields: [
        ['X-A', '1'],
        ['x-a', '2'],
        ['Set-Cookie', 'a=b']
      ]
    }
  )
  assert.equal(exchange.status, '200 Fine')
  assert.deepEqual(exchange.fields, [
    ['Content-Type', 'text/x-own'],
    ['ETag', '"own"'],
    ['Last-Modified', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['Accept-Ranges', 'bytes'],
    ['X-A', '1'],
    ['x-a', '2'],
    ['Set-Cookie', 'a=b'],
    ['Content-Length', '10']
  ])
  const fields = [
    ['content-type', 'a/b'],
    ['etag', '"f"'],
    ['last-modified', 'Thu, 01 Jan 1970 00:00:01 GMT'],
    ['accept-ranges', 'none'],
    ['content-length', '99']
  ] as const
  const own = await answer(small, {}, { fields })
  assert.deepEqual(own.fields, [['Content-Type', 'a/b'], ...fields.slice(1, 4), ['Content-Length', '10']])
  assert.equal((await answer(small, asking('If-None-Match', '"f"'), { fields })).status, '304 Not Modified')
  assert.deepEqual((await answer(small, {}, { type: null, etag: null, lastModified: null })).fields, [
    ['Accept-Ranges', 'bytes'],
    ['Content-Length', '10']
  ])
})

test('a status other than 200, another method or `ignore` means the whole, whatever is asked', async () => {
  const etag = await etagOf(small)
  const fields = ['Range', 'bytes=0-1', 'If-None-Match', etag]
  const missing = await answer(small, { fields }, { status: '404 Not Found' })
  assert.equal(missing.status, '404 Not Found')
  assert.equal(missing.content.length, 10)
  assert.deepEqual(missing.values('accept-ranges'), [])
  assert.equal((await answer(small, { fields, method: 'POST' })).status, '200 OK')
  const plain = await answer(small, { fields }, { conditions: 'ignore' })
  assert.deepEqual(plain.fields, [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', '10']
  ])
  assert.equal(plain.content.length, 10)
})

test('a part of a file is a representation of its own', async () => {
  const options: SendFileOptions = { start: 2, end: 8 }
  const whole = await answer(small, {}, options)
  assert.equal(whole.content.toString(), '234567')
  assert.notEqual(whole.values('etag')[0], await etagOf(small))
  const part = await answer(small, asking('Range', 'bytes=-2'), options)
  assert.equal(part.content.toString(), '67')
  assert.deepEqual(part.values('content-range'), ['bytes 4-5/6'])
  assert.equal((await answer(small, {}, { start: 10 })).content.length, 0)
})

test("before anything is begun, what is wrong is the caller's to answer", async () => {
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  const rows: [string, SendFileOptions, object][] = [
    [join(folder, 'missing'), {}, { code: 'ENOENT' }],
    [folder, {}, { code: 'EISDIR' }],
    [fifo, {}, { code: 'EINVAL' }],
    ['/dev/null', {}, { code: 'EINVAL' }],
    [small, { start: 11 }, RangeError],
    [small, { end: 11 }, RangeError],
    [small, { start: 5, end: 4 }, RangeError],
    [small, { start: -1 }, RangeError],
    [small, { start: 0.5 }, RangeError],
    [small, { status: 'fine' }, TypeError],
    [big, { fields: [['X-A', 'a\r\nb']] }, TypeError]
  ]
  for (const [path, options, expected] of rows) {
    const exchange = new RecordingExchange()
    await assert.rejects(sendFile(exchange, path, options), expected, path)
    assert.equal(exchange.begun, false)
    assert.equal(exchange.closed, false)
  }
})

test('a symbolic link is followed: what may be reached is for the caller to say', async () => {
  const link = join(folder, 'link.txt')
  symlinkSync(small, link)
  assert.equal((await answer(link)).content.length, 10)
})

test('a handle is closed however the answer ends', async () => {
  const ends: [string, RecordingOptions, SendFileOptions][] = [
    [big, {}, {}],
    [small, {}, {}],
    [small, { method: 'HEAD' }, {}],
    [small, asking('If-None-Match', '*'), {}],
    [small, asking('Range', 'bytes=99-'), {}],
    [small, {}, { start: 99 }]
  ]
  for (const [path, request, options] of ends) {
    const handle = await open(path)
    await sendFile(new RecordingExchange(request), handle, options).catch((error: unknown) =>
      assert.ok(error instanceof RangeError)
    )
    assert.equal(handle.fd, -1)
  }
})

test('a client that goes away mid-way ends the reading, without a failure', async () => {
  const exchange = new RecordingExchange({ highWater: 1, takes: 'asked' })
  const handle = await open(big)
  const sent = sendFile(exchange, handle)
  while (exchange.pieces.length === 0) await new Promise(setImmediate)
  exchange.vanish()
  await sent
  assert.equal(exchange.failure, undefined)
  assert.deepEqual(endOf(exchange), { cause: 'client-gone', status: 200, bytes: 65536 })
  assert.equal(handle.fd, -1)
})

test('a client that is gone before costs no read', async () => {
  const exchange = new RecordingExchange()
  exchange.vanish()
  const handle = await open(small)
  await sendFile(exchange, handle)
  assert.equal(exchange.begun, false)
  assert.equal(handle.fd, -1)
})

test('a file that shrinks while it is sent cuts the answer', async () => {
  const path = file('shrinking.bin', bigContent)
  const exchange = new RecordingExchange({ highWater: 1, takes: 'asked' })
  const handle = await open(path)
  const sent = sendFile(exchange, handle)
  while (exchange.pieces.length === 0) await new Promise(setImmediate)
  truncateSync(path, 100_000)
  while (!exchange.closed) {
    exchange.take()
    await new Promise(setImmediate)
  }
  await sent
  assert.equal(exchange.failure?.cause, 'short-answer')
  assert.match(exchange.failure?.detail ?? '', /^the file gave \d+ of 300000 bytes$/)
  assert.ok(exchange.content.length < 300_000)
  assert.equal(handle.fd, -1)
})

test('a file that is written over gets another entity tag, also where its size and time are as before', async () => {
  const path = file('same.txt', 'one')
  utimesSync(path, 1e9, 1e9)
  const [before] = (await answer(path)).values('etag')
  // The clock of the file system may stand still for a while.
  const since = statSync(path, { bigint: true }).ctimeNs
  do {
    writeFileSync(path, 'two')
    utimesSync(path, 1e9, 1e9)
  } while (statSync(path, { bigint: true }).ctimeNs === since)
  const [after] = (await answer(path)).values('etag')
  assert.notEqual(after, before)
  assert.match(after ?? '', /^"/)
})

test('a small file that shrinks before it is read is no answer', async () => {
  const path = file('shrinking.txt', '0123456789')
  const handle = await open(path)
  const stat = handle.stat.bind(handle) as (options: object) => Promise<unknown>
  Object.assign(handle, {
    stat: async (options: object) => {
      const stats = await stat(options)
      truncateSync(path, 3)
      return stats
    }
  })
  const exchange = new RecordingExchange()
  await sendFile(exchange, handle)
  assert.deepEqual(exchange.failure, { cause: 'short-answer', detail: 'the file gave 3 of 10 bytes' })
  assert.equal(exchange.begun, false)
})

test('a file that can no longer be read mid-way cuts the answer, with the reason', async () => {
  const handle = await open(big)
  const { fd } = handle
  const directory = await open('.')
  const exchange = new RecordingExchange()
  Object.defineProperty(handle, 'fd', { get: () => (exchange.pieces.length === 2 ? directory.fd : fd) })
  await sendFile(exchange, handle)
  await directory.close()
  assert.deepEqual(exchange.failure, {
    cause: 'short-answer',
    detail: 'the file gave 131072 of 300000 bytes: Error: EISDIR: illegal operation on a directory, read'
  })
  assert.throws(() => fstatSync(fd), { code: 'EBADF' })
})

test('room that the wire has done with is used again, and no block is written over before', async () => {
  const exchange = new RecordingExchange()
  const seen: ArrayBufferLike[] = []
  const copies: Buffer[] = []
  const write = exchange.write.bind(exchange)
  let busy = false
  Object.defineProperty(exchange, 'busy', { get: () => busy })
  Object.assign(exchange, {
    write: (bytes: Uint8Array) => {
      seen.push(bytes.buffer)
      busy = seen.length % 2 === 0
      const copy = Buffer.from(bytes)
      copies.push(copy)
      return write(copy)
    }
  })
  await sendFile(exchange, big)
  assert.deepEqual(Buffer.concat(copies), bigContent)
  assert.equal(seen[0], seen[1])
  assert.notEqual(seen[1], seen[2])
})

test('a file that grows while it is sent is sent as long as it was', async () => {
  const path = file('growing.bin', bigContent)
  const exchange = new RecordingExchange({ highWater: 1, takes: 'asked' })
  const sent = sendFile(exchange, path)
  while (exchange.pieces.length === 0) await new Promise(setImmediate)
  writeFileSync(path, randomBytes(10), { flag: 'a' })
  while (!exchange.closed) {
    exchange.take()
    await new Promise(setImmediate)
  }
  await sent
  assert.equal(exchange.failure, undefined)
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  assert.equal(hash(exchange.content), hash(bigContent))
})
