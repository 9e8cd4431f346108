import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { applicationOf, KindError } from '../../src/app/application-kinds.ts'
import { ownGateway } from '../../src/gateway/own-gateway.ts'
import type { Environ, StartResponse } from '../../src/gateway/wsgi.ts'
import { fromFetch } from '../../src/gateway/adapters/from-fetch.ts'
import { WsgiHandler } from '../../src/index.ts'

const wsgi = (_environ: Environ, startResponse: StartResponse): Buffer[] => {
  startResponse('200 OK', [])
  return []
}
const respond = (): Response => new Response('hello')
const isAdapted = (value: object): boolean => ownGateway in value

describe('the kind of an application', () => {
  test('of a function of two parameters is WSGI', async () => {
    assert.equal(await applicationOf(wsgi, null), wsgi)
  })

  test('of a handler of this package is WSGI', async () => {
    const handler = new WsgiHandler([])
    assert.equal(await applicationOf(handler, null), handler)
  })

  test('of an object with fetch(), of a function that has one, and of a function of one parameter is fetch', async () => {
    for (const value of [{ fetch: respond }, Object.assign(() => undefined, { fetch: respond }), (_request: Request) => respond()]) {
      assert.ok(isAdapted(await applicationOf(value, null)))
    }
  })

  test('is what the user says, where a value can be of it', async () => {
    assert.ok(isAdapted(await applicationOf((_request: Request, _env: object) => respond(), 'fetch')))
    const callable = Object.assign((environ: Environ, start: StartResponse) => wsgi(environ, start), { fetch: respond })
    assert.equal(await applicationOf(callable, 'wsgi'), callable)
  })

  test('is not asked of an application that was adapted already', async () => {
    const adapted = fromFetch(respond)
    assert.equal(await applicationOf(adapted, null), adapted)
    assert.equal(await applicationOf(adapted, 'fetch'), adapted)
  })

  test('of what is no application is said to be missing, with what was expected', async () => {
    await assert.rejects(applicationOf({}, null), (error: Error) => error instanceof KindError
      && /^is of type object: expected a WSGI callable .*, or .*a fetch handler/.test(error.message))
    await assert.rejects(applicationOf(null, null), /^KindError: is null: expected/)
    await assert.rejects(applicationOf({ fetch: respond }, 'wsgi'), /is an object with fetch\(\): expected a WSGI callable \(environ, startResponse\)$/)
    await assert.rejects(applicationOf('text', 'fetch'), /is of type string: expected a fetch handler/)
    await assert.rejects(applicationOf(class App { fetch() { return respond() } }, null), /^KindError: is the class App: export an object of it, or a function$/)
    await assert.rejects(applicationOf(Promise.resolve(wsgi), null), /^KindError: is a promise: export what it resolves to, with await$/)
    assert.ok(isAdapted(await applicationOf(class { static fetch() { return respond() } }, null)))
  })
})
