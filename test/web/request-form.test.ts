import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { ExchangeClosed } from '../../src/http/exchange-closed.ts'
import { inject, type InjectBody } from '../../src/testing/inject.ts'
import type { InjectedResponse } from '../../src/testing/injected-response.ts'
import type { Form } from '../../src/web/form.ts'
import { HttpError } from '../../src/web/http-error.ts'
import type { BodyOptions } from '../../src/web/request-body.ts'
import { WsgiRequest } from '../../src/web/request.ts'

interface Sent {
  readonly body: InjectBody
  readonly type?: string
  readonly options?: BodyOptions
}

/** Sends a form, and answers with what a handler makes of it: an HttpError with its status, as handleWsgiError() would. */
function send({ body, type, options }: Sent, handler: (form: Form) => unknown): Promise<InjectedResponse> {
  return inject(async (environ, startResponse) => {
    try {
      const result = await handler(await WsgiRequest.from(environ).form(options))
      startResponse('200 OK', [])
      return [Buffer.from(JSON.stringify(result ?? null))]
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
      startResponse(`${error.status} Refused`, [])
      return [Buffer.from(error.message)]
    }
  }, { method: 'POST', body, ...(type !== undefined && { headers: { 'Content-Type': type } }) })
}

async function result<T>(sent: Sent, handler: (form: Form) => T | Promise<T>): Promise<T> {
  const response = await send(sent, handler)
  assert.deepEqual([response.status, response.errors], [200, []], response.text())
  return response.json<T>()
}

const refusal = async (sent: Sent): Promise<number> => (await send(sent, () => null)).status

const URLENCODED = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data; boundary=x'

const part = (head: string, content: string): string => `--x\r\n${head}\r\n\r\n${content}\r\n`
const END = '--x--\r\n'
const everything = (form: Form): [string, string][] => [...form].map(([name, value]) => [name, value])

test('fields of a urlencoded form are decoded, in order', async () => {
  const sent = { body: 'a=1&b=x+y&a=2&c=%C3%A4%26&d&=e&&f=%zz&g=ü', type: `${URLENCODED}; charset=utf-8` }
  assert.deepEqual(await result(sent, everything), [['a', '1'], ['b', 'x y'], ['a', '2'], ['c', 'ä&'], ['d', ''], ['', 'e'], ['f', '%zz'], ['g', 'ü']])
  assert.deepEqual(await result(sent, (form) => [form.get('a'), form.getAll('a'), form.has('d'), form.has('x'), form.get('x') ?? null]), ['1', ['1', '2'], true, false, null])
  assert.deepEqual(await result(sent, (form) => form.toObject().a), ['1', '2'])
  assert.deepEqual(await result({ body: '', type: URLENCODED }, everything), [])
})

test('a form that is not UTF-8 is a 400', async () => {
  for (const body of ['a=%ff', '%C3=1', Buffer.from([0x61, 0x3d, 0xe4])]) assert.equal(await refusal({ body, type: URLENCODED }), 400)
})

test('a body of another type is no form', async () => {
  for (const type of ['text/plain', 'application/json', 'multipart/mixed; boundary=x']) assert.equal(await refusal({ body: 'a=1', type }), 415)
  assert.equal(await refusal({ body: 'a=1' }), 415)
})

test('a urlencoded form reads as URLSearchParams wrote it', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))), async (pairs) => {
    assert.deepEqual(await result({ body: new URLSearchParams(pairs) }, everything), pairs)
  }), { numRuns: 50 })
})

test('a form with files has both, in order, as a browser writes them', async () => {
  const body = new FormData()
  body.append('title', 'grüße')
  body.append('file', new Blob(['one'], { type: 'text/plain' }), 'käse "1".txt')
  body.append('file', new Blob([new Uint8Array([0, 255, 13, 10])]), 'b')
  body.append('title', '')
  const seen = await result({ body }, async (form) => ({
    fields: everything(form),
    files: await Promise.all(form.files.map(async (file) => [file.name, file.filename, file.contentType, file.size, await file.base64()])),
    first: await form.file('file')?.text(),
    none: form.file('title') === undefined,
  }))
  assert.deepEqual(seen, {
    fields: [['title', 'grüße'], ['title', '']],
    files: [['file', 'käse "1".txt', 'text/plain', 3, 'b25l'], ['file', 'b', 'application/octet-stream', 4, 'AP8NCg==']],
    first: 'one',
    none: true,
  })
})

test('a field in which no file was chosen is left out, a file without content not', async () => {
  const body = part('Content-Disposition: form-data; name="a"; filename=""\r\nContent-Type: application/octet-stream', '')
    + part('Content-Disposition: form-data; name="b"; filename="empty"', '') + END
  assert.deepEqual(await result({ body, type: MULTIPART }, (form) => form.files.map(({ name, size }) => [name, size])), [['b', 0]])
})

test('a path in the name of a file is taken off', async () => {
  for (const filename of ['../../etc/passwd', 'C:\\\\temp\\\\passwd', '/etc/passwd']) {
    const body = part(`Content-Disposition: form-data; name="a"; filename="${filename}"`, 'x') + END
    assert.equal(await result({ body, type: MULTIPART }, (form) => form.files[0]?.filename), 'passwd', filename)
  }
})

test('what is no multipart is a 400', async () => {
  const disposition = 'Content-Disposition: form-data; name="a"'
  const bad: readonly (readonly [body: string, type: string])[] = [
    ['', MULTIPART], ['x', MULTIPART], [part(disposition, 'x'), MULTIPART], [`--x\r\n${disposition}`, MULTIPART],
    [part(disposition, 'x') + END, 'multipart/form-data'], [part(disposition, 'x') + END, 'multipart/form-data; boundary=y'],
    [part('Content-Disposition: form-data', 'x') + END, MULTIPART],
    [part('Content-Disposition: form-data; filename="a"', 'x') + END, MULTIPART],
    [`--x\r\n${disposition}; filename="a"\r\n\r\ncut of`, MULTIPART],
  ]
  for (const [body, type] of bad) assert.equal(await refusal({ body, type }), 400, JSON.stringify([body, type]))
})

// RFC 7578, section 4.2: each part must have Content-Disposition with the type form-data.
test('a part that does not say that it is one of the form is passed over, its neighbours are not', async () => {
  const field = (name: string): string => part(`Content-Disposition: form-data; name="${name}"`, name)
  const strangers = [
    part('Content-Type: text/plain', 'stranger'), part('Content-Disposition: attachment; name="b"', 'stranger'),
    part('Content-Disposition: attachment; name="b"; filename="f"', 'stranger'), part('Content-Disposition: ', 'stranger'),
    '--x\r\n\r\nstranger\r\n', '--x\r\nstranger\r\n\r\nstranger\r\n',
  ]
  for (const stranger of strangers) {
    const read = (...parts: readonly string[]): Promise<unknown> => result({ body: parts.join('') + END, type: MULTIPART }, (form) => [everything(form), form.files.length])
    assert.deepEqual(await read(field('a'), stranger, field('c')), [[['a', 'a'], ['c', 'c']], 0], stranger)
    assert.deepEqual(await read(stranger), [[], 0], stranger)
  }
})

test('whatever is cut, or changed, in a form gives a form or a 400', async () => {
  const whole = part('Content-Disposition: form-data; name="a"', 'one') + part('Content-Disposition: form-data; name="b"; filename="c"', 'two') + END
  for (let length = 0; length < whole.length - 2; length++) {
    const status = await refusal({ body: whole.slice(0, length), type: MULTIPART })
    assert.ok(status === 400 || (status === 200 && length >= whole.length - 2 - '\r\n'.length), `${length}: ${status}`)
  }
  await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
    const body = Buffer.from(whole)
    body[at] = byte
    const status = await refusal({ body, type: MULTIPART })
    assert.ok(status === 200 || status === 400, String(status))
  }), { numRuns: 150 })
})

test('a multipart form reads as FormData wrote it', async () => {
  // A line end in a field is CR LF on the wire (HTML, "multipart/form-data encoding algorithm").
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\r\n]/.test(value))
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }).filter((name) => !/["\\\r\n%]/.test(name)), text), { minLength: 1 }), async (pairs) => {
    const body = new FormData()
    for (const [name, value] of pairs) body.append(name, value)
    assert.deepEqual(await result({ body }, everything), pairs)
  }), { numRuns: 50 })
})

test('a file that is longer than the limit is on disk, readable by nobody else, and goes with the request', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pulsar-form-'))
  try {
    const body = new FormData()
    body.append('small', new Blob(['s'.repeat(10)]), 'small')
    body.append('large', new Blob(['l'.repeat(11)]), 'large')
    const seen = await result({ body, options: { fileMemory: 10, directory } }, async (form) => {
      const [small, large] = [form.file('small'), form.file('large')]
      const path = large?.path as string
      const streamed: Buffer[] = []
      for await (const piece of large?.stream() ?? []) streamed.push(Buffer.from(piece))
      return {
        inMemory: small?.path === undefined, path, mode: (await stat(path)).mode & 0o777, folder: (await stat(dirname(path))).mode & 0o777,
        text: await large?.text(), streamed: Buffer.concat(streamed).toString(),
      }
    })
    assert.deepEqual({ ...seen, path: '' }, { inMemory: true, path: '', mode: 0o600, folder: 0o700, text: 'l'.repeat(11), streamed: 'l'.repeat(11) })
    assert.equal(dirname(dirname(seen.path)), directory)
    await removed(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
})

/** Bytes of the files of all requests. */
async function bytesBelow(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true })
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size))
  return names.length < 2 ? 0 : Math.max(...sizes)
}

/** Files are removed behind the answer: waits until they are. */
async function removed(directory: string): Promise<void> {
  while ((await readdir(directory)).length > 0) await new Promise((resolve) => setImmediate(resolve))
}

test('many small files do not add up in memory: what is over the limit goes to disk', async () => {
  const body = new FormData()
  for (let i = 0; i < 20; i++) body.append('file', new Blob(['x'.repeat(10)]), `f${i}`)
  const onDisk = await result({ body, options: { memory: 100, fileMemory: 10 } }, (form) => form.files.filter(({ path }) => path !== undefined).length)
  assert.equal(onDisk, 10)
})

test('a saved file stays, and can still be read', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pulsar-form-'))
  try {
    for (const fileMemory of [100, 1]) {
      const path = join(directory, `kept-${fileMemory}`)
      const body = new FormData()
      body.append('file', new Blob(['kept']), '../a')
      const read = await result({ body, options: { fileMemory } }, async (form) => {
        await form.files[0]?.saveAs(path)
        return form.files[0]?.text()
      })
      assert.equal(read, 'kept')
      assert.equal(await readFile(path, 'utf8'), 'kept')
    }
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a form over a limit is a 413, and nothing of it stays on disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pulsar-form-'))
  try {
    const files = new FormData()
    files.append('a', new Blob(['x'.repeat(60)]), 'a')
    files.append('b', new Blob(['x'.repeat(41)]), 'b')
    const options = { fileMemory: 1, directory }
    assert.equal(await refusal({ body: files, options: { ...options, files: 100 } }), 413)
    assert.equal(await refusal({ body: files, options: { ...options, parts: 1 } }), 413)
    assert.equal(await refusal({ body: files, options: { ...options, files: 101, parts: 2 } }), 200)
    await removed(directory)

    const fields = new FormData()
    fields.append('a', 'x'.repeat(60))
    fields.append('b', 'x'.repeat(41))
    assert.equal(await refusal({ body: fields, options: { memory: 102 } }), 413)
    assert.equal(await refusal({ body: fields, options: { memory: 103 } }), 200)
    assert.equal(await refusal({ body: 'a=1&b=2', type: URLENCODED, options: { parts: 1 } }), 413)
    assert.equal(await refusal({ body: 'a=1&b=2', type: URLENCODED, options: { memory: 6 } }), 413)
    assert.equal(await refusal({ body: `${part(`Content-Disposition: form-data; name="${'x'.repeat(20_000)}"`, 'x')}${END}`, type: MULTIPART }), 400)
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('more is announced than any form may be: 413 before a byte of it is read', async () => {
  let sent = 0
  const pieces = (async function* () {
    for (; sent < 100; sent++) yield Buffer.alloc(100_000)
  })()
  assert.equal(await refusal({ body: pieces, type: MULTIPART, options: { memory: 1000, files: 1000, parts: 1 } }), 413)
  assert.ok(sent < 20, `${sent} pieces were read`)
})

test('a form is read once, and given as often as it is asked for', async () => {
  const response = await inject(async (environ, startResponse) => {
    const request = WsgiRequest.from(environ)
    const form = await request.form()
    assert.equal(await request.form(), form)
    await assert.rejects(request.bytes(), /read by form\(\) already/)
    startResponse('200 OK', [])
    return [Buffer.from(String(form.get('a')))]
  }, { method: 'POST', body: `${part('Content-Disposition: form-data; name="a"', 'one')}${END}`, headers: { 'Content-Type': MULTIPART } })
  assert.deepEqual([response.text(), response.errors], ['one', []])
})

test('a client that goes away in the middle of a file leaves nothing on disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pulsar-form-'))
  const leaving = new AbortController()
  try {
    const pieces = (async function* () {
      yield Buffer.from('--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n')
      for (let i = 0; i < 10; i++) yield Buffer.alloc(100_000)
      // Nothing is under way any more: whoever reads the file waits for more of it.
      while (await bytesBelow(directory) < 900_000) await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setTimeout(resolve, 20))
      leaving.abort(new Error('left'))
      yield Buffer.alloc(1)
    })()
    let told: unknown
    const application = inject(async (environ) => {
      await WsgiRequest.from(environ).form({ directory, fileMemory: 1000 }).catch((error: unknown) => { told = error })
      return []
    }, { method: 'POST', body: pieces, headers: { 'Content-Type': MULTIPART }, signal: leaving.signal })
    await assert.rejects(application, /left/)
    await removed(directory)
    while (told === undefined) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(told instanceof ExchangeClosed)
  } finally {
    await rm(directory, { recursive: true })
  }
})
