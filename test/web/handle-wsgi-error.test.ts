import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BadRequest, Conflict, ContentTooLarge, handleWsgiError, Html, Http404, HttpError, HttpRedirect, MethodNotAllowed, NotAcceptable, PermissionDenied,
  Router, testWsgiEnviron, Unauthorized, UnprocessableContent, UnsupportedMediaType, WsgiHandler, WsgiResponse, type Environ, type ErrorHandler,
} from '../../src/index.ts'
import { inject, type InjectedResponse, type InjectOptions } from '../../src/testing/index.ts'

/** Far from where errors are made: the page shows the source around. */
const secret = { Cookie: 'session=s3cr3t', Authorization: 'Bearer s3cr3t' }

/** The answer of an application that throws. */
function thrown(error: unknown, options: InjectOptions = {}, prepare?: (environ: Environ) => void): Promise<InjectedResponse> {
  return inject(new WsgiHandler([(environ) => {
    prepare?.(environ)
    throw error
  }]), options)
}

const html = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }
const json = { headers: { Accept: 'application/json' } }

test('an HttpError is answered with its status, message and headers', async () => {
  const response = await thrown(new HttpError(409, 'changed by somebody else', { headers: { 'X-Version': '8' } }))
  assert.deepEqual([response.status, response.text(), response.headers.get('x-version')], [409, 'changed by somebody else\n', '8'])
  assert.equal(response.log, '', 'a client\'s mistake is none of the server\'s')
})

test('every kind of error has its status', async () => {
  const kinds: readonly (readonly [HttpError, number])[] = [
    [new BadRequest(), 400], [new Unauthorized('Basic realm="a"'), 401], [new PermissionDenied(), 403], [new Http404(), 404],
    [new MethodNotAllowed(['GET', 'HEAD']), 405], [new NotAcceptable(), 406], [new Conflict(), 409], [new ContentTooLarge(), 413],
    [new UnsupportedMediaType(), 415], [new UnprocessableContent(), 422], [new HttpRedirect('/x'), 302], [new HttpRedirect('/x', 308), 308],
  ]
  for (const [error, status] of kinds) {
    assert.equal(error.status, status)
    assert.ok(error instanceof HttpError && error.name === error.constructor.name)
    assert.equal((await thrown(error)).status, status)
  }
  assert.equal((await thrown(new MethodNotAllowed(['GET', 'HEAD']))).headers.get('allow'), 'GET, HEAD')
  assert.equal((await thrown(new Unauthorized('Basic realm="a"'))).headers.get('www-authenticate'), 'Basic realm="a"')
})

test('a redirect has its location, encoded where it must be, and no content', async () => {
  const response = await thrown(new HttpRedirect('/a b/\u20ac?x=1'))
  assert.equal(response.headers.get('location'), '/a%20b/%E2%82%AC?x=1')
  assert.deepEqual([response.body.length, response.headers.get('content-length'), response.headers.get('content-type')], [0, '0', null])
  assert.equal(new HttpRedirect('/x').location, '/x')
  assert.throws(() => new HttpRedirect('/x\r\nX-Evil: yes'), TypeError)
})

test('what is no status of an error is refused', () => {
  for (const status of [200, 299, 600, 404.5, Number.NaN]) assert.throws(() => new HttpError(status), RangeError)
})

test('anything else that is thrown is a bare 500, and is in the log whole', async () => {
  const response = await thrown(new Error('the password is hunter2', { cause: new TypeError('deeper') }))
  assert.deepEqual([response.status, response.text()], [500, 'Internal Server Error\n'])
  assert.match(response.log, /hunter2[^]*handle-wsgi-error\.test[^]*deeper/)
  for (const other of ['text', undefined, null, { status: 404 }, 5]) assert.equal((await thrown(other)).status, 500)
})

test('the message of a server\'s own error is for the log, unless it says otherwise', async () => {
  const hidden = await thrown(new HttpError(503, 'database 10.0.0.7 is down'))
  assert.equal(hidden.text(), 'Service Unavailable\n')
  assert.match(hidden.log, /10\.0\.0\.7/)
  assert.equal((await thrown(new HttpError(503, 'back at noon', { expose: true }))).text(), 'back at noon\n')
  assert.equal((await thrown(new HttpError(404, 'no user 7', { expose: false }))).text(), 'Not Found\n')
})

test('an error of another library has its status only where it says that clients may see it', async () => {
  const upstream = Object.assign(new Error('upstream said 404'), { status: 404 })
  assert.equal((await thrown(upstream)).status, 500)
  const meant = Object.assign(new Error('not here'), { status: 404, expose: true })
  const response = await thrown(meant)
  assert.deepEqual([response.status, response.text()], [404, 'not here\n'])
  assert.equal((await thrown(Object.assign(new Error('x'), { status: 200, expose: true }))).status, 500)
})

test('the page is HTML, JSON or plain text, as the client prefers, and says so in Vary', async () => {
  const error = new Http404('no <b>page</b> & nothing')
  const page = await thrown(error, html)
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.match(page.text(), /<h1>Not Found<\/h1>\n<p>no &lt;b&gt;page&lt;\/b&gt; &amp; nothing<\/p>/)
  const data = await thrown(error, json)
  assert.deepEqual(data.json(), { status: 404, message: 'no <b>page</b> & nothing' })
  assert.equal(data.headers.get('content-type'), 'application/json')
  for (const headers of [{}, { Accept: '*/*' }, { Accept: 'image/png' }, { Accept: 'text/html;q=0.1, text/plain' }, { Accept: 'text/html;q=2' }]) {
    const text = await thrown(error, { headers })
    assert.equal(text.headers.get('content-type'), 'text/plain; charset=utf-8', JSON.stringify(headers))
    assert.equal(text.text(), 'no <b>page</b> & nothing\n')
  }
  for (const response of [page, data]) assert.equal(response.headers.get('vary'), 'Accept')
})

test('where a router has chosen JSON, its errors are JSON', async () => {
  const router = new Router('/', { get: () => { throw new Conflict('twice') }, responseContentTypes: ['application/json'] })
  const response = await inject(router, { headers: { Accept: '*/*' } })
  assert.deepEqual([response.status, response.json()], [409, { status: 409, message: 'twice' }])
})

test('HEAD has the fields of the page and no content; 304 has neither', async () => {
  const head = await thrown(new Http404(), { method: 'HEAD' })
  assert.deepEqual([head.status, head.body.length, head.headers.get('content-length')], [404, 0, '10'])
  const notModified = await thrown(new HttpError(304, 'same', { headers: { ETag: '"a"' } }))
  assert.deepEqual([notModified.status, notModified.headers.get('etag'), notModified.headers.get('content-type')], [304, '"a"', null])
})

test('with debug a server\'s error is the debug page, in each form, secrets masked', async () => {
  const debug = { settings: { debug: true } }
  const error = new Error('what <happened>', { cause: new RangeError('deeper') })
  const page = (await thrown(error, { ...debug, headers: { ...html.headers, ...secret } })).text()
  assert.match(page, /what &lt;happened&gt;/)
  assert.match(page, /deeper/)
  assert.match(page, /PATH_INFO/)
  const data = await thrown(error, { ...debug, headers: { ...json.headers, ...secret } })
  assert.ok(data.json<{ message: string[] }>().message.some((line) => line.includes('what <happened>')))
  assert.equal(data.headers.get('cache-control'), 'no-store')
  const text = (await thrown(error, { ...debug, headers: secret })).text()
  assert.match(text, /what <happened>/)
  for (const shown of [page, data.text(), text]) assert.doesNotMatch(shown, /s3cr3t/)
  assert.equal((await thrown(new Http404(), debug)).text(), 'Not Found\n', 'a client\'s error needs no debugging')
})

test('handlers per status make the answer; default takes the others', async () => {
  const app = new WsgiHandler([(environ) => {
    if (environ.PATH_INFO === '/404') return undefined
    throw new HttpError(Number(environ.PATH_INFO.slice(1)), 'said', { headers: { 'X-Error': 'yes' } })
  }])
    .onError(404, async (request) => `nothing at ${request.path}`)
    .onError(418, () => WsgiResponse.text('a teapot', { status: 200, headers: { 'X-Error': 'own' } }))
    .onError('default', (_, error) => ({ code: error.status, text: error.message }))
  const ask = (status: number): Promise<InjectedResponse> => inject(app, { path: `/${status}` })
  const missing = await ask(404)
  assert.deepEqual([missing.status, missing.text()], [404, 'nothing at /404'])
  const teapot = await ask(418)
  assert.deepEqual([teapot.status, teapot.text(), teapot.headers.get('x-error')], [200, 'a teapot', 'own'])
  const other = await ask(409)
  assert.deepEqual([other.status, other.json(), other.headers.get('x-error')], [409, { code: 409, text: 'said' }, 'yes'])
})

test('an unexpected error reaches a handler as the cause of a 500', async () => {
  const error = new TypeError('x is not a function')
  const causes: unknown[] = []
  const app = new Router('/', { get: () => { throw error } }).onError(500, (_, { cause }) => {
    causes.push(cause)
    return 'sorry'
  })
  const response = await inject(app)
  assert.deepEqual([response.status, response.text()], [500, 'sorry'])
  assert.deepEqual(causes, [error])
})

test('the environ may have a handler for the request', async () => {
  const handler: ErrorHandler = (request, error) => `${request.method} ${error.status}`
  const response = await thrown(new Http404(), {}, (environ) => { environ['error.handler'] = handler })
  assert.deepEqual([response.status, response.text()], [404, 'GET 404'])
})

test('a handler that fails, at once or later, is answered with a bare 500, both errors in the log', async () => {
  for (const handler of [() => { throw new Error('in the handler') }, async () => { throw new Error('in the handler') }, () => (() => undefined)] satisfies ErrorHandler[]) {
    const response = await inject(new WsgiHandler([() => { throw new Error('first') }]).onError('default', handler))
    assert.equal(response.status, 500)
    assert.match(response.text(), /^An error occurred/)
    assert.match(response.log, /first[^]*(in the handler|function)/)
  }
})

test('a page that a handler returns has the status of the error, for clients that like other types better too', async () => {
  const app = new WsgiHandler().onError(404, () => new Html('h1', 'Nothing here'))
  for (const options of [{}, html, json]) {
    const response = await inject(app, options)
    assert.deepEqual([response.status, response.text(), response.headers.get('content-type')], [404, '<h1>Nothing here</h1>', 'text/html; charset=utf-8'])
  }
})

test('what a failed handler had begun to say is no part of the answer', async () => {
  const router = new Router('/', { get: ({ response }) => {
    response.setCookie('half', 'done')
    response.headers.set('X-Half', 'done')
    throw new Http404()
  } }).onError(404, () => 'clean')
  const response = await inject(router)
  assert.deepEqual([response.text(), response.headers.get('x-half'), response.headers.get('set-cookie')], ['clean', null, null])
})

test('handleWsgiError() makes a response of an error or a triple with one', async () => {
  const environ = testWsgiEnviron()
  assert.equal((await handleWsgiError(environ, new Http404())).status, 404)
  assert.equal((await handleWsgiError(environ, [Http404, new Http404(), 'trace'])).status, 404)
  assert.equal((await handleWsgiError(environ, [new Http404()])).status, 404)
})
