import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { testWsgiEnviron } from '../../src/app/test-wsgi-environ.ts'
import { validator, WSGIContractError } from '../../src/gateway/validator.ts'
import type { Environ, ErrorStream, InputStream, StartResponse, WSGIApplication, WSGIBody } from '../../src/gateway/wsgi.ts'

const text = [['Content-Type', 'text/plain']] as const
const bytes = (value: string): Buffer => Buffer.from(value, 'latin1')
const taken: StartResponse = () => (data) => data.length
const hello: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', text)
  return [bytes('hello')]
}

/** TypeScript refuses what these tests hand over on purpose. */
const loosely = <T>(value: unknown): T => value as T

function breaks(side: 'application' | 'server', message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof WSGIContractError, String(error))
    assert.ok(error instanceof TypeError)
    assert.equal(error.side, side, error.message)
    assert.match(error.message, message)
    assert.match(error.message, /PEP 3333, "|RFC 9110 section|wsgi-for-typescript/)
    return true
  }
}

type Step = { next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> }

function iteratorOf(body: WSGIBody): Step {
  return Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]()
}

/** What a server does with an application, as PEP 3333 has it, without a wire. */
async function serve(
  application: WSGIApplication, environ: Environ = testWsgiEnviron(), startResponse: StartResponse = taken,
): Promise<Buffer> {
  const body = await validator(application)(environ, startResponse)
  const blocks: Uint8Array[] = []
  try {
    for await (const block of body) blocks.push(block)
  } finally {
    await body.close?.()
  }
  return Buffer.concat(blocks)
}

test('an application within the rules gets and gives what it would without the validator', async () => {
  assert.equal((await serve(hello)).toString(), 'hello')
  const environ = testWsgiEnviron({ path: '/a%20b?q', method: 'POST', body: bytes('one\ntwo'), headers: { 'X-Y': 'z' } })
  const echo: WSGIApplication = async (environ, startResponse) => {
    const input = environ['wsgi.input']
    const first = await input.readline()
    environ['wsgi.errors'].write('fine\n')
    environ['wsgi.errors'].writelines(['a', 'b'])
    environ['wsgi.errors'].flush()
    const write = startResponse('201 Created', text)
    assert.equal(await write(bytes('w')), 1)
    return (async function* () {
      yield first
      yield* await input.readlines()
      yield await input.read(3)
    })()
  }
  assert.equal((await serve(echo, environ)).toString(), 'one\ntwo')
})

test('the validator keeps the arity by which the kind of an application is told', () => {
  assert.equal(validator(hello).length, 2)
})

test('the body of an array stays an array, so that its length can be told', async () => {
  const body = await validator(hello)(testWsgiEnviron(), taken)
  assert.ok(Array.isArray(body))
  assert.deepEqual(body, [bytes('hello')])
})

const absent = Symbol('absent')

type EnvironRule = [name: string, change: Record<string, unknown>, message: RegExp]

const environRules: EnvironRule[] = [
  ...['REQUEST_METHOD', 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL',
    'wsgi.version', 'wsgi.url_scheme', 'wsgi.input', 'wsgi.errors', 'wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once',
  ].map((key): EnvironRule => [`without ${key}`, { [key]: absent }, new RegExp(`must have ${key}`)]),
  ['with HTTP_CONTENT_TYPE', { HTTP_CONTENT_TYPE: 'text/plain' }, /must not have HTTP_CONTENT_TYPE/],
  ['with HTTP_CONTENT_LENGTH', { HTTP_CONTENT_LENGTH: '1' }, /must not have HTTP_CONTENT_LENGTH/],
  ['with HTTP_PROXY', { HTTP_PROXY: 'http://evil' }, /must not have HTTP_PROXY/],
  ['with an undefined variable', { REMOTE_USER: undefined }, /REMOTE_USER out/],
  ['with a number', { SERVER_PORT: 80 }, /SERVER_PORT must be a string, not 80/],
  ['with text that is not latin-1', { PATH_INFO: '/\u20ac' }, /PATH_INFO must have no character over U\+00FF/],
  ['with a field of two lines', { HTTP_X: 'a\r\nb' }, /HTTP_X must be one line/],
  ['with a name of neither kind', { 'x-y': 'z' }, /neither a CGI variable/],
  ['with a field name in lower case', { HTTP_x: 'z' }, /neither a CGI variable/],
  ['with an empty method', { REQUEST_METHOD: '' }, /REQUEST_METHOD/],
  ['with a bad protocol', { SERVER_PROTOCOL: '1.1' }, /SERVER_PROTOCOL/],
  ['with a bad length', { CONTENT_LENGTH: '-1' }, /CONTENT_LENGTH/],
  ['with SCRIPT_NAME /', { SCRIPT_NAME: '/' }, /SCRIPT_NAME must not be "\/"/],
  ['with a relative SCRIPT_NAME', { SCRIPT_NAME: 'a' }, /SCRIPT_NAME must begin/],
  ['with a relative PATH_INFO', { PATH_INFO: 'a' }, /PATH_INFO must be empty or begin/],
  ['with an asterisk but not OPTIONS', { PATH_INFO: '*' }, /PATH_INFO must be empty or begin/],
  ['with an empty SERVER_NAME', { SERVER_NAME: '' }, /SERVER_NAME/],
  ['with an empty SERVER_PORT', { SERVER_PORT: '' }, /SERVER_PORT/],
  ['with another version', { 'wsgi.version': [2, 0] }, /wsgi\.version/],
  ['with a version as text', { 'wsgi.version': '1.0' }, /wsgi\.version/],
  ['with another scheme', { 'wsgi.url_scheme': 'ftp' }, /wsgi\.url_scheme/],
  ['with HTTPS over http', { HTTPS: 'on' }, /HTTPS/],
  ['with a flag as number', { 'wsgi.multithread': 0 }, /wsgi\.multithread must be a boolean/],
  ['with an input without readline', { 'wsgi.input': { read() {}, readlines() {}, [Symbol.asyncIterator]() {} } }, /readline/],
  ['with an input that is not iterable', { 'wsgi.input': { read() {}, readline() {}, readlines() {} } }, /asyncIterator/],
  ['with errors without flush', { 'wsgi.errors': { write() {}, writelines() {} } }, /the method flush/],
  ['with a file wrapper that is none', { 'wsgi.file_wrapper': true }, /wsgi\.file_wrapper must be a function/],
  ['with a connection that is none', { 'pulsar.connection': {} }, /pulsar\.connection must have the method informational/],
]

for (const [name, change, message] of environRules) {
  test(`an environ ${name} is refused`, () => {
    const environ = testWsgiEnviron()
    for (const [key, value] of Object.entries(change)) {
      if (value === absent) delete environ[key]
      else environ[key] = value
    }
    assert.throws(() => validator(hello)(environ, taken), breaks('server', message))
  })
}

test('an environ that is no plain object is refused', () => {
  class Special {}
  const environ = Object.assign(new Special(), testWsgiEnviron())
  assert.throws(() => validator(hello)(loosely(environ), taken), breaks('server', /plain object, not an object of Special/))
  assert.throws(() => validator(hello)(loosely(null), taken), breaks('server', /plain object, not null/))
})

test('OPTIONS * has the asterisk as its path', async () => {
  assert.equal((await serve(hello, testWsgiEnviron({ method: 'OPTIONS', path: '*' }))).toString(), 'hello')
})

test('a server must call with two arguments, the second a function', () => {
  const call = loosely<(...args: unknown[]) => unknown>(validator(hello))
  assert.throws(() => call(testWsgiEnviron(), taken, 1), breaks('server', /two arguments, not 3/))
  assert.throws(() => call(testWsgiEnviron(), null), breaks('server', /startResponse must be a function, not null/))
  assert.throws(() => validator(loosely('hello')), breaks('application', /must be a function, not "hello"/))
})

const statusRules: [status: unknown, message: RegExp][] = [
  [200, /must be a string, not 200/], ['200', /three digits/], ['200 ', /three digits/], ['20 OK', /three digits/],
  ['600 Odd', /three digits/],
  ['200  OK', /three digits/], ['200 OK ', /three digits/], ['200 OK\r\nX: y', /three digits/], ['OK 200', /three digits/],
  ['100 Continue', /not final/], ['101 Switching Protocols', /not final/], ['200 \u20ac', /U\+00FF/],
]
for (const [status, message] of statusRules) {
  test(`the status ${JSON.stringify(status)} is refused`, () => {
    const application: WSGIApplication = (_environ, start) => { start(loosely(status), text); return [] }
    assert.throws(() => validator(application)(testWsgiEnviron(), taken), breaks('application', message))
  })
}

const headerRules: [what: string, status: string, headers: unknown, message: RegExp][] = [
  ['no array', '200 OK', { 'Content-Type': 'text/plain' }, /array of pairs/],
  ['a triple', '200 OK', [['a', 'b', 'c']], /a pair/],
  ['a string for a pair', '200 OK', ['ab'], /a pair/],
  ['a name that is no string', '200 OK', [[1, 'b']], /name must be a string/],
  ['a name with a colon', '200 OK', [['a:', 'b']], /token/],
  ['a name with a line end', '200 OK', [['a\r\nb', 'c']], /token/],
  ['an empty name', '200 OK', [['', 'c']], /token/],
  ['a name ending in a hyphen', '200 OK', [['a-', 'c']], /end in/],
  ['Status', '200 OK', [['Status', '200']], /status must not be given as a header/],
  ['Connection', '200 OK', [...text, ['Connection', 'close']], /hop-by-hop/],
  ['Transfer-Encoding', '200 OK', [...text, ['transfer-encoding', 'chunked']], /hop-by-hop/],
  ['a number as value', '200 OK', [...text, ['Content-Length', 5]], /Content-Length must be a string, not 5/],
  ['a value with a line end', '200 OK', [...text, ['X', 'a\r\nSet-Cookie: b']], /no control character/],
  ['a value with a tab', '200 OK', [...text, ['X', 'a\tb']], /no control character/],
  ['a value beyond latin-1', '200 OK', [...text, ['X', '\u20ac']], /U\+00FF/],
  ['a bad length', '200 OK', [...text, ['Content-Length', '1e3']], /decimal number/],
  ['two lengths', '200 OK', [...text, ['Content-Length', '1'], ['content-length', '1']], /twice/],
  ['no type', '200 OK', [], /must have Content-Type/],
  ['two types', '200 OK', [...text, ...text], /twice/],
  ['a type for a 204', '204 No Content', text, /no Content-Type/],
  ['a type for a 304', '304 Not Modified', text, /no Content-Type/],
  ['a length for a 204', '204 No Content', [['Content-Length', '0']], /Content-Length/],
]
for (const [what, status, headers, message] of headerRules) {
  test(`headers with ${what} are refused`, () => {
    const application: WSGIApplication = (_environ, start) => { start(status, loosely(headers)); return [] }
    assert.throws(() => validator(application)(testWsgiEnviron(), taken), breaks('application', message))
  })
}

test('answers that can have no content need no Content-Type', async () => {
  const answers = [['204 No Content', []], ['304 Not Modified', []], ['302 Found', [['Content-Length', '0']]]] as const
  for (const [status, headers] of answers) {
    assert.equal((await serve((_environ, start) => { start(status, headers); return [] })).length, 0)
  }
})

test('startResponse is called with two or three arguments', () => {
  const call = (...args: unknown[]): unknown => validator((_environ, start) => {
    loosely<(...args: unknown[]) => void>(start)(...args)
    return []
  })(testWsgiEnviron(), taken)
  assert.throws(() => call('200 OK'), breaks('application', /two or three arguments, not 1/))
  assert.throws(() => call('200 OK', text, undefined, 1), breaks('application', /two or three arguments, not 4/))
  assert.throws(() => call('200 OK', text, 'error'), breaks('application', /excInfo/))
  assert.throws(() => call('200 OK', text, []), breaks('application', /excInfo/))
  call('200 OK', text, new Error('x'))
  call('200 OK', text, [1, 2, 3])
})

test('startResponse is called twice only with excInfo', async () => {
  const twice = (excInfo?: Error): WSGIApplication => (_environ, start) => {
    start('200 OK', text)
    if (excInfo) start('500 Sorry', text, excInfo)
    else start('500 Sorry', text)
    return []
  }
  await assert.rejects(serve(twice()), breaks('application', /again only with excInfo/))
  assert.equal((await serve(twice(new Error('x')))).length, 0)
})

test('startResponse must throw again what excInfo has, once the headers were sent', async () => {
  const late: WSGIApplication = function* (_environ, start) {
    start('200 OK', text)
    yield bytes('a')
    start('500 Sorry', text, new Error('late'))
  }
  await assert.rejects(serve(late), breaks('server', /must throw the error of excInfo/))
  let calls = 0
  const rethrowing: StartResponse = (_status, _headers, excInfo) => {
    if (calls++ > 0) throw excInfo
    return (data) => data.length
  }
  await assert.rejects(serve(late, testWsgiEnviron(), rethrowing), /^Error: late$/)
})

test('startResponse must give a function, and that a number', async () => {
  await assert.rejects(serve(hello, testWsgiEnviron(), loosely(() => undefined)), breaks('server', /must return write/))
  const writes: WSGIApplication = async (_environ, start) => { await start('200 OK', text)(bytes('a')); return [] }
  await assert.rejects(serve(writes, testWsgiEnviron(), loosely(() => () => undefined)), breaks('server', /number of bytes/))
  await assert.rejects(serve(writes, testWsgiEnviron(), loosely(() => async () => 'one')), breaks('server', /number of bytes/))
})

test('write takes bytes, and is not called from within the body', async () => {
  const writing: WSGIApplication = (_environ, start) => { start('200 OK', text)(loosely('a')); return [] }
  await assert.rejects(serve(writing), breaks('application', /write\(\) takes a Uint8Array, not "a"/))
  await assert.rejects(serve(function* (_environ, start) {
    const write = start('200 OK', text)
    write(bytes('a'))
    yield bytes('b')
  }), breaks('application', /from within the body/))
})

for (const [what, body, message] of [
  ['undefined', undefined, /iterable, if only \[\], not undefined/], ['null', null, /not null/], ['a number', 1, /not 1/],
  ['a string', 'hello', /not "hello" itself/], ['bytes', Buffer.from('hello'), /not an object of Buffer itself/],
  ['an object that is not iterable', {}, /if only \[\]/],
  ['a close that is no method', Object.assign([], { close: true }), /close must be a method/],
] as const) {
  test(`${what} as a body is refused`, async () => {
    const application: WSGIApplication = (_environ, start) => { start('200 OK', text); return loosely(body) }
    assert.throws(() => validator(application)(testWsgiEnviron(), taken), breaks('application', message))
    await assert.rejects(serve(async (environ, start) => application(environ, start)), breaks('application', message))
  })
}

/** The same blocks in every form that a body may have. */
const forms: Record<string, (blocks: readonly unknown[]) => WSGIBody> = {
  'an array': (blocks) => loosely([...blocks]),
  'an array of promises': (blocks) => loosely(blocks.map(async (block) => block)),
  'an iterable with close': (blocks) => loosely({ [Symbol.iterator]: () => blocks[Symbol.iterator](), close() {} }),
  'a generator': (blocks) => loosely((function* () { yield* blocks })()),
  'a generator of promises': (blocks) => loosely((function* () { for (const block of blocks) yield Promise.resolve(block) })()),
  'an async generator': (blocks) => loosely((async function* () { yield* blocks })()),
}
for (const [form, bodyOf] of Object.entries(forms)) {
  test(`blocks of ${form} are bytes`, async () => {
    const giving = (...blocks: unknown[]): WSGIApplication => (_environ, start) => {
      start('200 OK', text)
      return bodyOf(blocks)
    }
    assert.equal((await serve(giving(bytes('a'), new Uint8Array([98]), bytes('')))).toString(), 'ab')
    await assert.rejects(serve(giving(bytes('a'), 'text')), breaks('application', /block of the body .* Uint8Array, not "text"/))
    await assert.rejects(serve(giving(undefined)), breaks('application', /not undefined/))
  })

  test(`${form} gives no block before startResponse was called`, async () => {
    await assert.rejects(serve(() => bodyOf([bytes('')])), breaks('application', /startResponse .* before the first block/))
  })
}

test('startResponse may be called late, by the body itself', async () => {
  assert.equal((await serve(function* (_environ, start) { start('200 OK', text); yield bytes('a') })).toString(), 'a')
  const late = (start: StartResponse): Promise<Buffer> => nextTurn().then(() => { start('200 OK', text); return bytes('b') })
  assert.equal((await serve((_environ, start) => [late(start), bytes('c')])).toString(), 'bc')
})

test('an error of the application passes through as it is', async () => {
  const error = new Error('mine')
  await assert.rejects(serve(() => { throw error }), error)
  await assert.rejects(serve(async () => { throw error }), error)
  await assert.rejects(serve(function* (_environ, start) { start('200 OK', text); throw error }), error)
})

for (const form of ['a generator', 'an async generator'] as const) {
  const bodyOf = forms[form] as (blocks: readonly unknown[]) => WSGIBody
  const application: WSGIApplication = (_environ, start) => { start('200 OK', text); return bodyOf([bytes('a'), bytes('b')]) }

  test(`${form} is iterated once, and not after close`, async () => {
    const body = await validator(application)(testWsgiEnviron(), taken)
    const iterator = iteratorOf(body)
    await iterator.next()
    assert.throws(() => iteratorOf(body), breaks('server', /iterated once/))
    body.close?.()
    await assert.rejects(async () => iterator.next(), breaks('server', /not be iterated after close/))
    assert.throws(() => body.close?.(), breaks('server', /close\(\) must be called once/))
  })
}

test('close reaches the body of the application, and its error the server', async () => {
  let closed = 0
  const body: WSGIBody = { *[Symbol.iterator]() { yield bytes('a') }, close() { closed++ } }
  await serve((_environ, start) => { start('200 OK', text); return body })
  assert.equal(closed, 1)
  const failing: WSGIBody = { *[Symbol.iterator]() {}, close() { throw new Error('in close') } }
  await assert.rejects(serve((_environ, start) => { start('200 OK', text); return failing }), /in close/)
})

test('a server that stops early ends a generator', async () => {
  for (const asynchronous of ['no', 'yes']) {
    let ended = false
    const application: WSGIApplication = (_environ, start) => {
      start('200 OK', text)
      return asynchronous === 'yes'
        ? (async function* () { try { yield bytes('a'); yield bytes('b') } finally { ended = true } })()
        : (function* () { try { yield bytes('a'); yield bytes('b') } finally { ended = true } })()
    }
    const body = await validator(application)(testWsgiEnviron(), taken)
    for await (const block of body) {
      assert.deepEqual(block, bytes('a'))
      break
    }
    assert.equal(ended, true)
  }
})

test('an async body is asked for one block at a time', async () => {
  const body = await validator((_environ, start) => {
    start('200 OK', text)
    return (async function* () { await nextTurn(); yield bytes('a') })()
  })(testWsgiEnviron(), taken)
  const iterator = iteratorOf(body)
  const first = iterator.next()
  await assert.rejects(async () => iterator.next(), breaks('server', /before the one before it/))
  assert.deepEqual(await first, { done: false, value: bytes('a') })
})

test('startResponse and write are not called after close', async () => {
  let late = (): void => {}
  const body = await validator(function* (_environ, start) {
    const write = start('200 OK', text)
    late = () => { write(bytes('x')) }
    yield bytes('a')
  })(testWsgiEnviron(), taken)
  iteratorOf(body).next()
  body.close?.()
  assert.throws(late, breaks('application', /write\(\)/))
})

/** The application's view of `wsgi.input` or `wsgi.errors`, with what the server gives beneath. */
async function streamsOf(change: Record<string, unknown> = {}): Promise<{ input: InputStream, errors: ErrorStream }> {
  const environ = Object.assign(testWsgiEnviron({ method: 'POST', body: bytes('one\ntwo\nthree') }), change)
  await serve((_environ, start) => { start('200 OK', text); return [] }, environ)
  return { input: environ['wsgi.input'], errors: environ['wsgi.errors'] }
}

test('wsgi.input is used by its methods, with a whole number at most', async () => {
  const { input } = await streamsOf()
  assert.equal((await input.read(2)).toString(), 'on')
  assert.equal((await input.readline()).toString(), 'e\n')
  await assert.rejects(input.read(loosely('2')), breaks('application', /whole number of bytes, not "2"/))
  await assert.rejects(input.read(1.5), breaks('application', /not 1\.5/))
  await assert.rejects(input.readlines(loosely(null)), breaks('application', /not null/))
  const readline = loosely<(...args: unknown[]) => Promise<Buffer>>(input.readline.bind(input))
  await assert.rejects(readline(1, 2), breaks('application', /one argument at most/))
  assert.throws(() => loosely<{ close(): void }>(input).close(), breaks('application', /wsgi\.input must not be closed/))
  const rest: Buffer[] = []
  for await (const piece of input) rest.push(piece)
  assert.equal(Buffer.concat(rest).toString(), 'two\nthree')
})

test('wsgi.input gives what was asked for', async () => {
  const bad: unknown = {
    read: async (size?: number) => (size === 1 ? bytes('ab') : 'text'),
    readline: async (size?: number) => (size === 1 ? bytes('ab') : bytes('a\nb')),
    readlines: async (hint?: number) => (hint === 1 ? bytes('a') : [bytes('a\n'), 'b']),
    async *[Symbol.asyncIterator]() { yield 'text' },
  }
  const { input } = await streamsOf({ 'wsgi.input': bad })
  await assert.rejects(input.read(), breaks('server', /read must give a Buffer, not "text"/))
  await assert.rejects(input.read(1), breaks('server', /read\(1\) must not give 2 bytes/))
  await assert.rejects(input.readline(), breaks('server', /one line at a time/))
  await assert.rejects(input.readline(1), breaks('server', /readline\(1\) must not give 2 bytes/))
  await assert.rejects(input.readlines(), breaks('server', /must give a Buffer, not "b"/))
  await assert.rejects(input.readlines(1), breaks('server', /must give an array/))
  const iterating = async (): Promise<void> => { for await (const piece of input) assert.fail(String(piece)) }
  await assert.rejects(iterating(), breaks('server', /iteration must give a Buffer/))
})

test('wsgi.errors takes strings, and is not closed', async () => {
  const lines: string[] = []
  const { errors } = await streamsOf({
    'wsgi.errors': {
      write: (line: string) => { lines.push(line) },
      writelines: (all: Iterable<string>) => { lines.push(...all) },
      flush() {},
    },
  })
  errors.write('a')
  errors.writelines(new Set(['b', 'c']))
  errors.flush()
  assert.deepEqual(lines, ['a', 'b', 'c'])
  assert.throws(() => errors.write(loosely(bytes('a'))), breaks('application', /takes strings/))
  assert.throws(() => errors.writelines('abc'), breaks('application', /iterable of strings, not "abc"/))
  assert.throws(() => errors.writelines(loosely(['a', 1])), breaks('application', /takes strings, not 1/))
  assert.throws(() => loosely<(...args: unknown[]) => void>(errors.flush.bind(errors))(1), breaks('application', /no argument/))
  assert.throws(() => loosely<{ close(): void }>(errors).close(), breaks('application', /wsgi\.errors must not be closed/))
})

test('a body that the server forgets to close is reported on wsgi.errors', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const lines: string[] = []
  const forget = async (): Promise<void> => {
    const environ = testWsgiEnviron({ path: '/forgotten' })
    environ['wsgi.errors'] = { write: (line) => { lines.push(line) }, writelines() {}, flush() {} }
    const body = await validator(function* (_environ, start) { start('200 OK', text); yield bytes('a') })(environ, taken)
    iteratorOf(body).next()
  }
  await forget()
  for (let turns = 0; lines.length === 0 && turns < 1000; turns++) {
    collect()
    await nextTurn()
  }
  assert.match(lines.join(''), /dropped without close\(\).*GET \/forgotten/)
})
