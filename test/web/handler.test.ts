import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ExchangeClosed, LazyWsgi, mount, Router, WsgiHandler, WsgiResponse, type Environ, type Middleware, type WSGIApplication,
} from '../../src/index.ts'
import { inject } from '../../src/testing/index.ts'

const plain: WSGIApplication = (_, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('plain')]
}
const text = (content: string): Middleware => () => WsgiResponse.text(content)
const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(value)))

test('middleware is called in turn until one answers, promises awaited', async () => {
  const called: string[] = []
  const passing = (name: string, result: unknown): Middleware => () => {
    called.push(name)
    return result as undefined
  }
  const app = new WsgiHandler([
    passing('a', undefined), passing('b', null), passing('c', later(undefined)), passing('d', undefined), passing('e', later(WsgiResponse.text('e'))),
    passing('f', undefined),
  ])
  assert.equal((await inject(app)).text(), 'e')
  assert.deepEqual(called, ['a', 'b', 'c', 'd', 'e'])
})

test('what nobody answers is 404', async () => {
  const response = await inject(new WsgiHandler([() => undefined]), { path: '/nothing' })
  assert.equal(response.status, 404)
  assert.equal(response.text(), 'Not Found\n')
})

test('a WSGI application is a middleware that always answers', async () => {
  const response = await inject(new WsgiHandler([plain, text('never')]))
  assert.equal(response.text(), 'plain')
})

test('a generator that a middleware returns is a body', async () => {
  const streaming: WSGIApplication = (_, startResponse) => {
    startResponse('200 OK', [])
    return (function* () {
      yield Buffer.from('a')
      yield Buffer.from('b')
    })()
  }
  assert.equal((await inject(new WsgiHandler([streaming]))).text(), 'ab')
})

test('response middleware changes answers in turn, errors\' too, and not the bodies of WSGI applications', async () => {
  const seen: number[] = []
  const app = new WsgiHandler([new Router('/', { get: () => 'ok' }), (environ) => (environ.PATH_INFO === '/plain' ? plain(environ, () => () => 0) : undefined)], [
    (_, response) => { seen.push(response.status) },
    async (_, response) => {
      await later(undefined)
      response.headers.set('X-First', String(response.status))
    },
    (environ, response) => (environ.QUERY_STRING === 'other' ? WsgiResponse.text(`instead of ${response.status}`) : undefined),
  ])
  const ok = await inject(app)
  assert.deepEqual([ok.status, ok.headers.get('x-first')], [200, '200'])
  const missing = await inject(app, { path: '/missing?other' })
  assert.deepEqual([missing.status, missing.text()], [200, 'instead of 404'])
  assert.deepEqual(seen, [200, 404])
  const untouched = new WsgiHandler([plain], [() => WsgiResponse.text('changed')])
  assert.equal((await inject(untouched)).text(), 'plain')
})

test('response middleware that fails is answered with its error, once', async () => {
  let calls = 0
  const app = new WsgiHandler([text('x')], [() => {
    calls += 1
    throw new Error('of the response middleware')
  }])
  const response = await inject(app)
  assert.equal(response.status, 500)
  assert.match(response.log, /of the response middleware/)
  assert.equal(calls, 2, 'for the answer, and for that to the error')
})

test('without response middleware (false) it is part of another: it passes on, and its errors are the other\'s', async () => {
  const inner = new WsgiHandler([(environ) => {
    if (environ.PATH_INFO === '/fail') throw new Error('inner')
    return environ.PATH_INFO === '/inner' ? WsgiResponse.text('inner') : undefined
  }], false)
  const outer = new WsgiHandler([inner, text('outer')]).onError(500, () => 'answered outside')
  assert.equal((await inject(outer, { path: '/inner' })).text(), 'inner')
  assert.equal((await inject(outer, { path: '/other' })).text(), 'outer')
  const failed = await inject(outer, { path: '/fail' })
  assert.deepEqual([failed.status, failed.text()], [500, 'answered outside'])
})

test('an asynchronous error in any middleware is answered', async () => {
  const app = new WsgiHandler([() => undefined, async () => { throw new Error('async') }])
  const response = await inject(app)
  assert.equal(response.status, 500)
  assert.match(response.log, /Error: async/)
  assert.equal(response.errors.length, 0, 'the server has nothing to answer any more')
})

test('an error after startResponse() is answered in its place', async () => {
  const app = new WsgiHandler([(environ, startResponse) => {
    startResponse('200 OK', [['Content-Length', '5']])
    throw new Error(`late ${environ.PATH_INFO}`)
  }])
  const response = await inject(app)
  assert.equal(response.status, 500)
  assert.equal(response.text(), 'Internal Server Error\n')
})

test('that the client has gone is no error of the application', async () => {
  const app = new WsgiHandler([() => { throw new ExchangeClosed('client-gone', 'nobody there') }])
  const thrown = (): unknown => app({ 'wsgi.errors': { write: assert.fail } } as unknown as Environ, () => () => 0)
  await assert.rejects(async () => thrown(), ExchangeClosed)
})

test('LazyWsgi makes its application when the first request comes, once', async () => {
  class Site extends LazyWsgi {
    made = 0

    override async setup(environ?: Environ): Promise<Middleware> {
      this.made += 1
      this.local.set('first', environ?.PATH_INFO)
      return later(new WsgiHandler([text('site')]))
    }
  }
  const site = new Site()
  assert.equal(site.made, 0)
  const answers = await Promise.all(['/a', '/b'].map((path) => inject(site, { path })))
  assert.deepEqual(answers.map((response) => response.text()), ['site', 'site'])
  assert.equal(site.made, 1)
  assert.equal(site.local.get('first'), '/a')
  assert.ok(await site.handler() instanceof WsgiHandler)
})

test('a LazyWsgi whose setup failed tries again with the next request', async () => {
  class Site extends LazyWsgi {
    tries = 0

    override async setup(): Promise<Middleware> {
      this.tries += 1
      if (this.tries === 1) throw new Error('not yet')
      return text('there')
    }
  }
  const site = new Site()
  const first = await inject(site)
  assert.equal(first.status, 500)
  assert.match(first.log, /not yet/)
  assert.equal((await inject(site)).text(), 'there')
})

test('a LazyWsgi of routers passes on within a WsgiHandler', async () => {
  class Site extends LazyWsgi {
    override setup(): Middleware {
      return new Router('/', { get: () => 'root' })
    }
  }
  const app = new WsgiHandler([new Site(), text('behind')])
  assert.equal((await inject(app)).text(), 'root')
  assert.equal((await inject(app, { path: '/x' })).text(), 'behind')
})

const echo = (name: string): WSGIApplication => (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(`${name} ${environ.SCRIPT_NAME}|${environ.PATH_INFO}`, 'latin1')]
}

test('mount() gives each request to the application with the longest prefix', async () => {
  const app = mount({ '/': echo('root'), '/api/': echo('api'), '/api/v2': echo('v2'), '/café': echo('coffee') })
  const answers = await Promise.all(['/', '/x', '/api', '/api/', '/api/v1', '/apis', '/api/v2', '/api/v2/x', '/caf%C3%A9/x', '//api'].map(async (path) => (await inject(app, { path })).text()))
  assert.deepEqual(answers, [
    'root |/', 'root |/x', 'api /api|', 'api /api|/', 'api /api|/v1', 'root |/apis', 'v2 /api/v2|', 'v2 /api/v2|/x', 'coffee /café|/x', 'root |//api',
  ])
})

test('mount() is below a server\'s own prefix, and within another mount', async () => {
  const app = mount({ '/a': mount({ '/b': echo('b') }) })
  assert.equal((await inject(app, { path: '/s/a/b/c', settings: { scriptName: '/s' } })).text(), 'b /s/a/b|/c')
  assert.equal((await inject(app, { path: '/a/x' })).status, 404)
  assert.equal((await inject(app, { path: '/x' })).status, 404)
})

test('mount() leaves the environ outside as it was, and refuses prefixes that make no sense', async () => {
  const outside: string[] = []
  const mounted = mount({ '/a': plain })
  const app: WSGIApplication = async (environ, startResponse) => {
    const body = await mounted(environ, startResponse)
    outside.push(environ.PATH_INFO)
    return body
  }
  await inject(app, { path: '/a/b' })
  assert.deepEqual(outside, ['/a/b'])
  assert.throws(() => mount({ api: plain }), /begin with a slash/)
  assert.throws(() => mount({ '/api': plain, '/api/': plain }), /same prefix/)
})
