import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { debugErrorPage } from '../../src/gateway/debug-error-page.ts'
import { errorPage, type ErrorPage } from '../../src/gateway/error-page.ts'
import type { RequestHead } from '../../src/http/request-head.ts'
import { RecordingExchange } from '../support/recording-exchange.ts'

function head(accept?: string, target = '/orders?id=7&token=hunter2'): RequestHead {
  return new RecordingExchange({ target, fields: accept === undefined ? [] : ['Accept', accept] }).head
}
const browser = head('text/html,application/xhtml+xml,*/*;q=0.8')
const text = (page: ErrorPage): string => Buffer.from(page.body).toString()
const field = (page: ErrorPage, name: string): string | undefined => page.fields.find(([candidate]) => candidate === name)?.[1]

test('without debug a page says the status in words and nothing else', () => {
  for (const page of [
    errorPage({ status: 400 }),
    errorPage({ status: 400, head: head() }),
    errorPage({ status: 400, head: head('*/*') })
  ]) {
    assert.equal(text(page), 'Bad Request\n')
    assert.deepEqual(page.fields, [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Vary', 'Accept']
    ])
  }
  const html = errorPage({ status: 404, head: browser })
  assert.match(text(html), /^<!doctype html>\n.*<b>404<\/b>\n<h1>Not Found<\/h1>\n<\/html>\n$/s)
  assert.equal(field(html, 'Content-Type'), 'text/html; charset=utf-8')
})

test('a status that forbids a body has no page, and what is no status is refused', () => {
  for (const status of [204, 304]) {
    const page = debugErrorPage({ status, head: browser, debug: { error: new Error('x') } })
    assert.deepEqual([page.fields.length, page.body.length], [0, 0])
  }
  assert.throws(() => errorPage({ status: 999 }), RangeError)
})

function failing(): Error {
  try {
    throw new TypeError('no such order <7>', {
      cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', apiKey: 'hunter2' })
    })
  } catch (error) {
    return error as Error
  }
}
const environ = {
  REQUEST_METHOD: 'GET',
  PATH_INFO: '/orders/<script>',
  QUERY_STRING: 'id=7&token=hunter2',
  HTTP_COOKIE: 'sid=hunter2',
  HTTP_AUTHORIZATION: 'Basic hunter2',
  HTTP_X_API_KEY: 'hunter2',
  DATABASE: 'postgres://joe:hunter2@db/x',
  'app.config': { adminToken: 'hunter2', nested: { secret: 'hunter2' }, port: 80, url: 'amqp://a:hunter2@b' },
  'wsgi.version': [1, 0],
  'app.object': new Map([['password', 'hunter2']]),
  'app.function': Object.assign(() => 0, { token: 'hunter2' }),
  'app.list': ['http://a:hunter2@b', { token: 'hunter2' }],
  'app.handlers': { f: Object.assign(() => 0, { token: 'hunter2' }) }
}

test('with debug the page has the error, its causes, the source, the request and the environ', () => {
  const page = debugErrorPage({ status: 500, head: browser, debug: { error: failing(), environ } })
  const html = text(page)
  for (const part of [
    '500 Internal Server Error',
    'TypeError',
    'no such order &lt;7&gt;',
    'caused by',
    'connect ECONNREFUSED',
    'GET /orders?id=7&amp;token=[masked] HTTP/1.1',
    '/orders/&lt;script&gt;',
    'error-page.test',
    '[Map]',
    'port: 80',
    'postgres://joe:[masked]@db/x',
    'amqp://a:[masked]@b'
  ]) {
    assert.ok(html.includes(part), part)
  }
  assert.match(html, /<li class="foreign"><code>[^<]*\(node:internal/)
  assert.ok(!/<li><code>[^<]*\(node:internal/.test(html))
  // The line that threw, out of the source file, is the marked one.
  assert.match(html, /<span class="line here"><span class="number">\d+<\/span>\s*throw new TypeError\(/)
})

test('no secret is on either page', () => {
  for (const request of [browser, head('text/plain')]) {
    const shown = text(debugErrorPage({ status: 500, head: request, debug: { error: failing(), environ } }))
    // The name stands in this file, whose source the page shows.
    const outsideSource = shown.replaceAll(/<span class="line[^]*?\n<\/span>/g, '').replaceAll(/^ {4}[> ] +\d+ \| .*$/gm, '')
    assert.doesNotMatch(outsideSource, /hunter2/)
    assert.ok(outsideSource.includes('[masked]'))
  }
})

test('the page is one document that loads, runs and sends nothing', () => {
  const page = debugErrorPage({ status: 500, head: browser, debug: { error: failing(), environ } })
  const html = text(page)
  assert.ok(
    !/<(?:script|img|link|iframe|form|object)|\son\w+=|javascript:|@import|url\(/i.test(html.replaceAll(/<pre>[^]*?<\/pre>/g, ''))
  )
  const style = /<style>([^]*?)<\/style>/.exec(html)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  assert.ok(field(page, 'Content-Security-Policy')?.startsWith("default-src 'none'; "))
  assert.ok(field(page, 'Content-Security-Policy')?.includes(`style-src 'sha256-${hash}'`))
  assert.equal(field(page, 'Cache-Control'), 'no-store')
  assert.equal(field(page, 'X-Content-Type-Options'), 'nosniff')
})

test('markup in anything that is shown stays text', () => {
  const evil = '</style></title><script>alert(1)</script>"\'&\x00\x1b[31m'
  const error = Object.assign(new Error(evil), { name: evil, [evil]: evil, cause: evil })
  const html = text(
    debugErrorPage({
      status: 500,
      head: head('text/html', `/${evil}`),
      debug: { error, environ: { [evil]: evil, object: { [evil]: evil } } }
    })
  )
  assert.ok(!/<\/?script/i.test(html))
  assert.equal(html.match(/<\/style>/g)?.length, 1)
  assert.equal(html.match(/<\/title>/g)?.length, 1)
  assert.ok(!/[\x00\x1b]/.test(html))
})

test('a client that would not have HTML gets the same as text, harmless to a terminal', () => {
  const page = debugErrorPage({
    status: 500,
    head: head('*/*'),
    debug: { error: failing(), environ: { ...environ, HTTP_X: 'a\x1b[31mb\rc' } }
  })
  const shown = text(page)
  assert.match(shown, /^500 Internal Server Error\n\nTypeError: no such order <7>\n {2}at /)
  assert.match(shown, /\n {4}> +\d+ \| +throw new TypeError\(/)
  assert.match(shown, /\n\ncaused by: Error: connect ECONNREFUSED\n {2}code: ECONNREFUSED\n {2}apiKey: \[masked\]\n/)
  assert.match(shown, /\n\nRequest\n {2}GET \/orders\?id=7&token=\[masked\] HTTP\/1\.1\n/)
  assert.ok(shown.includes('HTTP_X: a\ufffd[31mb\ufffdc\n'))
  assert.equal(field(page, 'Content-Type'), 'text/plain; charset=utf-8')
})

test('whatever is thrown has a page', () => {
  const circle = new Error('circle')
  circle.cause = circle
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no')
      },
      ownKeys: () => {
        throw new Error('no')
      },
      getOwnPropertyDescriptor: () => {
        throw new Error('no')
      },
      getPrototypeOf: () => {
        throw new Error('no')
      }
    }
  )
  const getters = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('no')
    }
  })
  const thrown: [unknown, string][] = [
    ['plain words', 'plain words'],
    [42, '42'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [{ a: 1 }, '{ a: 1 }'],
    [Object.create(null), '{}'],
    [{ password: 'hunter2' }, '{ password: [masked] }'],
    [circle, 'circle'],
    [hostile, 'not readable'],
    [getters, 'Error'],
    [new AggregateError([new Error('first'), new Error('second')], 'many'), 'one of: Error: second'],
    [new Error('x'.repeat(100_000)), '(100000 characters)'],
    [new Error('x', { cause: hostile }), 'not readable']
  ]
  for (const [error, expected] of thrown) {
    const page = text(debugErrorPage({ status: 500, debug: { error, environ: { error, hostile } } }))
    assert.ok(page.includes(expected), `${expected} in ${page.slice(0, 300)}`)
    assert.ok(text(debugErrorPage({ status: 500, head: browser, debug: { error } })).endsWith('</html>\n'))
  }
})

test('a message that looks like a stack opens no file', () => {
  const shown = text(debugErrorPage({ status: 500, debug: { error: new Error('x\n    at evil (/etc/passwd:1:1)') } }))
  assert.ok(!shown.includes(['root', 'x', '0'].join(':')))
  assert.ok(shown.includes('error-page.test'))
})
