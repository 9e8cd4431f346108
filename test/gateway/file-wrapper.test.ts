import assert from 'node:assert/strict'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import type { Fields } from '../../src/gateway/exchange.ts'
import { FileWrapper, fileWrapper, sendWrapped } from '../../src/gateway/file-wrapper.ts'
import type { FileLike } from '../../src/gateway/wsgi.ts'
import { RecordingExchange, type RecordingOptions } from '../support/recording-exchange.ts'

const folder = mkdtempSync(join(tmpdir(), 'pulsar-file-wrapper-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'a.txt')
const text = '0123456789'.repeat(10)
writeFileSync(path, text)

async function read(wrapper: FileWrapper): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = []
  for await (const block of wrapper) blocks.push(block)
  return blocks
}
const joined = (blocks: Uint8Array[]): string => Buffer.concat(blocks).toString()

test('whatever it wraps, it gives the bytes and is closed', async () => {
  const sources: Record<string, () => FileLike | FileHandle | Promise<FileHandle>> = {
    path: () => path,
    handle: () => open(path),
    stream: () => createReadStream(path),
    list: () => [Buffer.from(text.slice(0, 50)), Buffer.from(text.slice(50))],
    generator: function* () {
      yield Buffer.from(text)
    } as () => Iterable<Uint8Array>,
    readable: () => Readable.from([Buffer.from(text)])
  }
  for (const [name, make] of Object.entries(sources)) {
    const source = await make()
    const wrapper = new FileWrapper(source)
    assert.equal(joined(await read(wrapper)), text, name)
    await wrapper.close()
    await wrapper.close()
    if (name === 'handle') assert.equal((source as FileHandle).fd, -1)
    if (source instanceof Readable) assert.equal(source.destroyed, true)
  }
})

test('a path and a handle are read in blocks of the size asked for, from the first byte', async () => {
  const handle = await open(path)
  await handle.read(Buffer.alloc(7), 0, 7, null)
  for (const source of [path, handle]) {
    const wrapper = new FileWrapper(source, 64)
    assert.deepEqual(
      (await read(wrapper)).map((block) => block.length),
      [64, 36]
    )
    await wrapper.close()
  }
})

test('blocks stay as they are when the next ones are read', async () => {
  const wrapper = new FileWrapper(path, 10)
  const blocks = await read(wrapper)
  await wrapper.close()
  assert.ok(blocks.length === 10 && blocks.every((block) => Buffer.from(block).toString() === '0123456789'))
})

test('close() before the end, or before the beginning, frees what is wrapped', async () => {
  const handle = await open(path)
  const begun = new FileWrapper(handle, 10)
  await begun[Symbol.asyncIterator]().next()
  await begun.close()
  assert.equal(handle.fd, -1)

  const stream = createReadStream(path)
  await new FileWrapper(stream).close()
  assert.equal(stream.destroyed, true)

  let finished = 0
  let closed = 0
  const generator = (function* (): Generator<Uint8Array> {
    try {
      yield Buffer.from('a')
      yield Buffer.from('b')
    } finally {
      finished++
    }
  })()
  const wrapper = new FileWrapper(Object.assign(generator, { close: () => closed++ }))
  await wrapper[Symbol.asyncIterator]().next()
  await wrapper.close()
  await wrapper.close()
  assert.deepEqual([finished, closed], [1, 1])
})

test('an error of the source comes to whoever iterates, and a stream that fails before stays quiet until then', async () => {
  await assert.rejects(read(new FileWrapper(join(folder, 'missing'))), { code: 'ENOENT' })
  const stream = createReadStream(join(folder, 'missing'))
  const wrapper = new FileWrapper(stream)
  while (stream.errored === null) await new Promise(setImmediate)
  await assert.rejects(read(wrapper), { code: 'ENOENT' })
  await wrapper.close()
})

test('what gives text or nothing is refused', async () => {
  for (const source of [42, null, undefined, {}]) assert.throws(() => new FileWrapper(source as unknown as FileLike), TypeError)
  for (const size of [0, -1, 1.5, NaN]) assert.throws(() => new FileWrapper(path, size), RangeError)
  await assert.rejects(read(new FileWrapper(createReadStream(path, 'utf8') as unknown as FileLike)), TypeError)
})

test('it is iterated once, and taken only untouched', async () => {
  const wrapper = fileWrapper(path) as FileWrapper
  assert.ok(wrapper instanceof FileWrapper)
  await read(wrapper)
  assert.equal(wrapper.take(), undefined)
  assert.throws(() => wrapper[Symbol.asyncIterator](), TypeError)
  await wrapper.close()
  assert.throws(() => wrapper[Symbol.asyncIterator](), TypeError)

  const taken = new FileWrapper(path)
  assert.equal(taken.take(), path)
  assert.equal(taken.take(), undefined)
  assert.throws(() => taken[Symbol.asyncIterator](), TypeError)
  assert.equal(new FileWrapper([Buffer.from('a')]).take(), undefined)
  const stream = new FileWrapper(createReadStream(path))
  assert.equal(stream.take(), undefined)
  assert.equal(joined(await read(stream)), text, 'what is not taken can be iterated')
})

test("a taken handle is the taker's to close", async () => {
  const handle = await open(path)
  const wrapper = new FileWrapper(handle)
  assert.equal(wrapper.take(), handle)
  await wrapper.close()
  assert.notEqual(handle.fd, -1)
  await handle.close()
})

async function sent(
  source: FileLike | FileHandle,
  status: string,
  fields: Fields,
  request: RecordingOptions = {}
): Promise<RecordingExchange> {
  const exchange = new RecordingExchange(request)
  const wrapper = new FileWrapper(source)
  const sending = sendWrapped(exchange, wrapper, { status, fields })
  assert.ok(sending !== null)
  await sending
  await wrapper.close()
  return exchange
}
const range = { fields: ['Range', 'bytes=10-19'] }

test("the server sends a taken file with the application's fields, a tag and ranges, and makes nothing else up", async () => {
  const whole = await sent(path, '200 OK', [['X-A', '1']])
  assert.equal(whole.content.toString(), text)
  assert.deepEqual(
    whole.fields.map(([name]) => name),
    ['ETag', 'Accept-Ranges', 'X-A', 'Content-Length']
  )
  const handle = await open(path)
  const part = await sent(handle, '200 OK', [['Content-Type', 'text/plain']], range)
  assert.equal(part.status, '206 Partial Content')
  assert.equal(part.content.toString(), '0123456789')
  assert.deepEqual(part.values('content-type'), ['text/plain'])
  assert.equal(handle.fd, -1)
})

test('where the application says how its content is framed, coded or which part it is, nothing is added', async () => {
  const cases: [string, Fields][] = [
    ['200 OK', [['Content-Encoding', 'gzip']]],
    ['200 OK', [['content-length', '100']]],
    ['206 Partial Content', [['Content-Range', 'bytes 0-99/1000']]],
    ['404 Not Found', []]
  ]
  for (const [status, fields] of cases) {
    const exchange = await sent(path, status, fields, range)
    assert.equal(exchange.status, status)
    assert.equal(exchange.content.toString(), text)
    assert.deepEqual(exchange.fields, [...fields.filter(([name]) => name !== 'content-length'), ['Content-Length', '100']])
  }
})

test('with a Content-Length just as many bytes are sent; a shorter file is an error before anything is sent', async () => {
  const exchange = await sent(path, '200 OK', [['Content-Length', '15']])
  assert.equal(exchange.content.toString(), '012345678901234')
  const short = new RecordingExchange()
  await assert.rejects(
    async () => sendWrapped(short, new FileWrapper(path), { status: '200 OK', fields: [['Content-Length', '101']] }),
    RangeError
  )
  assert.equal(short.begun, false)
})

test('what is no file, or was touched, is left to be iterated', () => {
  const answer = { status: '200 OK', fields: [] }
  assert.equal(sendWrapped(new RecordingExchange(), new FileWrapper([Buffer.from('a')]), answer), null)
  const touched = new FileWrapper(path)
  touched[Symbol.asyncIterator]()
  assert.equal(sendWrapped(new RecordingExchange(), touched, answer), null)
  const odd = new FileWrapper(path)
  assert.equal(sendWrapped(new RecordingExchange(), odd, { status: '200 OK', fields: [['Content-Length', 'x']] }), null)
  assert.equal(odd.take(), path, 'it was not taken')
})
