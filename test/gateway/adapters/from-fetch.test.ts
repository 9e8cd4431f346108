import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromFetch, type FetchHandler } from '../../../src/gateway/adapters/index.ts'
import { validator } from '../../../src/gateway/validator.ts'
import type { WSGIApplication } from '../../../src/gateway/wsgi.ts'
import { valuesOf } from '../../support/raw-client.ts'
import { ServedApplication } from '../../support/served-application.ts'

/** A rule of a handler that is served directly, and of one that is called as a WSGI application, under the validator. */
function rule(name: string, handler: FetchHandler, check: (served: ServedApplication) => Promise<void>): void {
  const ways: [string, WSGIApplication][] = [['', fromFetch(handler)], [' (by an environ)', validator(fromFetch(handler))]]
  for (const [way, application] of ways) {
    test(name + way, async () => {
      await using served = await ServedApplication.start(application)
      await check(served)
      assert.deepEqual(served.errors, [])
    })
  }
}

rule('a handler gets the request and its response is the answer', async (request) => {
  assert.ok(request instanceof Request)
  const text = `${request.method} ${request.url} ${request.headers.get('x-one')} ${await request.text()}`
  return new Response(text, { status: 201, statusText: 'Made So', headers: { 'X-Two': '2' } })
}, async (served) => {
  const answer = await served.request('POST /a%20b?c=d HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody')
  assert.equal(answer.status, 201)
  assert.equal(answer.reason, 'Made So')
  assert.deepEqual(valuesOf(answer, 'x-two'), ['2'])
  assert.deepEqual(valuesOf(answer, 'content-type'), ['text/plain;charset=UTF-8'])
  assert.deepEqual(valuesOf(answer, 'content-length'), ['38'])
  assert.equal(answer.body.toString(), 'POST http://a.example/a%20b?c=d 1 body')
})
