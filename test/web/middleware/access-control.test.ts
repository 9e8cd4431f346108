import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inject } from '../../../src/testing/inject.ts'
import type { InjectedResponse } from '../../../src/testing/injected-response.ts'
import { AccessControl, type AccessControlOptions } from '../../../src/web/middleware/access-control.ts'
import { HttpError } from '../../../src/web/http-error.ts'
import { WsgiResponse } from '../../../src/web/response.ts'
import { Router } from '../../../src/web/router/router.ts'
import { WsgiHandler } from '../../../src/web/wsgi-handler.ts'

const router = new Router('', { get: () => 'answer' })
const asked = { Origin: 'https://a.example', 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'X-One, x-two' }

function get(options: AccessControlOptions, headers: Record<string, string> = { Origin: 'https://a.example' }): Promise<InjectedResponse> {
  return inject(new WsgiHandler([router], [new AccessControl(options)]), { headers })
}

function preflight(options: AccessControlOptions, headers: Record<string, string> = asked): Promise<InjectedResponse> {
  return inject(new WsgiHandler([router], [new AccessControl(options)]), { method: 'OPTIONS', headers })
}

/** What is said of access, by the last part of the name, and Vary. */
function said(response: InjectedResponse): Record<string, string> {
  const fields = [...response.headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary')
  return Object.fromEntries(fields.map(([name, value]) => [name.replace('access-control-', ''), value]))
}

test('without options every origin may read', async () => {
  const response = await get({})
  assert.equal(response.text(), 'answer')
  assert.deepEqual(said(response), { 'allow-origin': '*' })
})

test('of several origins each gets its own answer, which caches keep apart', async () => {
  const origin = ['https://a.example', 'https://b.example']
  assert.deepEqual(said(await get({ origin })), { 'allow-origin': 'https://a.example', vary: 'Origin' })
  assert.deepEqual(said(await get({ origin }, { Origin: 'https://c.example' })), { vary: 'Origin' })
  assert.deepEqual(said(await get({ origin }, { Origin: 'null' })), { vary: 'Origin' })
  assert.deepEqual(said(await get({ origin }, {})), { vary: 'Origin' })
  assert.deepEqual(said(await get({ origin: (one) => one.endsWith('.example') })), { 'allow-origin': 'https://a.example', vary: 'Origin' })
})

test('one origin is always the same', async () => {
  assert.deepEqual(said(await get({ origin: 'https://b.example' })), { 'allow-origin': 'https://b.example' })
})

test('errors may be read too', async () => {
  const app = new WsgiHandler([() => { throw new HttpError(409) }], [new AccessControl()])
  const response = await inject(app)
  assert.deepEqual([response.status, response.headers.get('access-control-allow-origin')], [409, '*'])
})

test('credentials and further fields are allowed where that is said', async () => {
  const options = { origin: ['https://a.example'], credentials: true, exposeHeaders: ['X-Total', 'ETag'] }
  assert.deepEqual(said(await get(options)), {
    'allow-origin': 'https://a.example', 'allow-credentials': 'true', 'expose-headers': 'X-Total, ETag', vary: 'Origin',
  })
  assert.deepEqual(said(await get(options, { Origin: 'https://c.example' })), { vary: 'Origin' })
  assert.throws(() => new AccessControl({ credentials: true }), /not for all origins/)
})

test('a preflight is answered, whatever the router says to OPTIONS', async () => {
  const response = await preflight({})
  assert.equal(response.status, 204)
  assert.deepEqual(said(response), {
    'allow-origin': '*', 'allow-methods': 'GET, HEAD, PUT, POST, DELETE, PATCH', 'allow-headers': 'x-one, x-two',
    vary: 'Access-Control-Request-Headers',
  })
  const named = await preflight({ methods: ['PUT'], headers: ['X-One'], maxAge: 600, origin: ['https://a.example'], credentials: true })
  assert.deepEqual(said(named), {
    'allow-origin': 'https://a.example', 'allow-methods': 'PUT', 'allow-headers': 'X-One', 'allow-credentials': 'true', 'max-age': '600', vary: 'Origin',
  })
})

test('a preflight of an origin that is not allowed learns nothing', async () => {
  assert.deepEqual(said(await preflight({ origin: ['https://b.example'] })), { vary: 'Origin' })
})

test('what a preflight asks for is not sent back where it is no name of a field', async () => {
  const response = await preflight({}, { ...asked, 'Access-Control-Request-Headers': 'x-good, b@d, "x"' })
  assert.equal(response.headers.get('access-control-allow-headers'), 'x-good')
})

test('OPTIONS without a preflight is the application\'s', async () => {
  const response = await preflight({}, { Origin: 'https://a.example' })
  assert.equal(response.headers.get('allow'), 'GET, HEAD, OPTIONS')
})

test('preflight, as middleware, answers before anything else is asked', async () => {
  const access = new AccessControl()
  const app = new WsgiHandler([access.preflight, () => { throw new HttpError(401) }], [access])
  assert.equal((await inject(app, { method: 'OPTIONS', headers: asked })).status, 204)
  assert.equal((await inject(app, { headers: asked })).status, 401)
  const plain = new WsgiHandler([access.preflight, () => new WsgiResponse({ content: 'x' })])
  assert.equal((await inject(plain)).text(), 'x')
})

test('names that no field can carry are refused when they are given', () => {
  for (const options of [{ headers: ['a b'] }, { methods: ['G\r\nX: y'] }, { exposeHeaders: [''] }]) {
    assert.throws(() => new AccessControl(options), /no name of a field or method/)
  }
})
