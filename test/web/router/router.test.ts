import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  route, Router, RuleError, WsgiHandler, WsgiResponse, type HandlerResult, type WSGIApplication, type WsgiRequest,
} from '../../../src/index.ts'
import { inject, type InjectedResponse } from '../../../src/testing/index.ts'

const get = (app: WSGIApplication, path: string, method: string = 'GET'): Promise<InjectedResponse> => inject(app, { path, method })

/** Status and body of an answer, in short. */
async function said(app: WSGIApplication, path: string, method?: string): Promise<string> {
  const { status, body } = await get(app, path, method)
  return status === 200 ? String(body) : String(status)
}

test('handlers get the values of their rule, typed', async () => {
  const router = new Router('/')
  router.get('/users/<int:id>', (request, { id }) => ({ id, same: request.params === request.urlargs, router: request.app?.rule }))
  const response = await get(router, '/users/7')
  assert.deepEqual(response.json(), { id: 7, same: true, router: 'users/<int:id>' })
  assert.equal(response.headers.get('content-type'), 'application/json')
})

test('a handler may be asynchronous, and an object that handles requests', async () => {
  const router = new Router('/', { get: async () => 'later' })
  router.get('object', { handleRequest: ({ method }) => `object ${method}` })
  router.get('router/<name>', new Router('other', { get: ({ environ, params }) => `router ${environ.REQUEST_METHOD} ${JSON.stringify(params)}` }))
  assert.equal(await said(router, '/'), 'later')
  assert.equal(await said(router, '/object'), 'object GET')
  assert.equal(await said(router, '/router/x'), 'router GET {"name":"x"}')
})

test('a literal segment comes before one with variables, whatever the order', async () => {
  const router = new Router('/')
  router.get('<path:rest>', (_, { rest }) => `rest ${rest}`)
  router.get('users/<name>', (_, { name }) => `user ${name}`)
  router.get('users/me', () => 'me')
  router.get('users/me/<x>', (_, { x }) => `mine ${x}`)
  assert.equal(await said(router, '/users/me'), 'me')
  assert.equal(await said(router, '/users/you'), 'user you')
  assert.equal(await said(router, '/users/me/x'), 'mine x')
  assert.equal(await said(router, '/users/you/x'), 'rest users/you/x')
  assert.equal(await said(router, '/users/me/x/y'), 'rest users/me/x/y')
})

test('of rules with variables the first that was defined matches', async () => {
  const router = new Router('/')
  router.get('<int:a>/x', (_, { a }) => `1 ${a}`)
  router.get('<name>/y', (_, { name }) => `2 ${name}`)
  router.get('<int:b>/y', (_, { b }) => `3 ${b}`)
  router.get('<path:rest>', (_, { rest }) => `4 ${rest}`)
  router.get('<int:c>/<z>', () => '5')
  assert.equal(await said(router, '/5/x'), '1 5')
  assert.equal(await said(router, '/5/y'), '2 5')
  assert.equal(await said(router, '/5/z'), '4 5/z')
})

test('position puts a router before others', async () => {
  const router = new Router('/', new Router('<a>', { get: () => 'a' }), new Router('<int:b>', { get: () => 'b', position: -1 }))
  assert.equal(await said(router, '/1'), 'b')
  assert.deepEqual(router.routes.map(({ rule }) => rule), ['<int:b>', '<a>'])
})

test('routers are nested, and the values of all rules are there', async () => {
  const posts = new Router('posts/', new Router('<int:post>', { get: ({ params }) => params }))
  posts.get('latest', (request) => request.params)
  const router = new Router('/', new Router('users/<name>/', posts))
  assert.deepEqual((await get(router, '/users/ann/posts/3')).json(), { name: 'ann', post: 3 })
  assert.deepEqual((await get(router, '/users/ann/posts/latest')).json(), { name: 'ann' })
  assert.equal(await said(router, '/users/ann/posts/'), '404')
  assert.equal(posts.path({ name: 'ann' }), '/users/ann/posts/')
  assert.equal(posts.root, router)
})

test('a leaf may have children too', async () => {
  const router = new Router('users', new Router('<int:id>', { get: () => 'one' }), { get: () => 'all' })
  assert.equal(await said(router, '/users'), 'all')
  assert.equal(await said(router, '/users/1'), 'one')
  assert.equal(await said(router, '/users1'), '404')
})

test('slashes count: a leaf is no directory and a directory no leaf', async () => {
  const router = new Router('/', new Router('leaf', { get: () => 'leaf' }), new Router('dir/', { get: () => 'dir' }))
  const answers = await Promise.all(['/leaf', '/leaf/', '/dir/', '/dir', '//leaf', '/dir//'].map((path) => said(router, path)))
  assert.deepEqual(answers, ['leaf', '404', 'dir', '404', '404', '404'])
})

test('with redirectSlashes the other form is redirected to, query and method kept', async () => {
  const router = new Router('/', new Router('café', { get: () => 'leaf' }), new Router('dir/', { get: () => 'dir' }), new Router('x/<path:p>/', { post: () => 'p' }), new Router('<path:p>/y', { get: () => '' }), { redirectSlashes: true })
  const where = async (path: string): Promise<string | null> => {
    const response = await get(router, path, 'POST')
    return response.status === 308 ? response.headers.get('location') : String(response.status)
  }
  assert.equal(await where('/dir?a=1&b'), '/dir/?a=1&b')
  assert.equal(await where('/caf%C3%A9/'), '/caf%C3%A9')
  assert.equal(await where('/x/y%20z%3F'), '/x/y%20z%3F/')
  assert.equal(await where('//other.example/y/'), '404', 'never to another host')
  assert.equal(await where('/x/%5C'), '/x/%5C/')
  assert.equal(await where('/dir/'), '405', 'what is there is not redirected')
  assert.equal((await inject(router, { path: '/nothing' })).status, 404)
})

test('a method without a handler is 405 with Allow; a parent\'s handlers are not its children\'s', async () => {
  const router = new Router('/', new Router('form', { post: () => 'posted' }), { get: () => 'root' })
  router.get('form', () => 'shown')
  const refused = await get(router, '/form', 'DELETE')
  assert.equal(refused.status, 405)
  assert.equal(refused.headers.get('allow'), 'GET, HEAD, OPTIONS, POST')
  const other = new Router('/', new Router('form', { post: () => 'posted' }), { get: () => 'root' })
  assert.equal((await get(other, '/form')).status, 405)
})

test('HEAD is GET without its content, unless there is a handler for it', async () => {
  const router = new Router('/', { get: () => 'content' })
  router.get('own', () => 'content')
  router.head('own', () => new WsgiResponse({ headers: { 'X-Own': 'yes' } }))
  const head = await get(router, '/', 'HEAD')
  assert.deepEqual([head.status, head.headers.get('content-length'), head.body.length], [200, '7', 0])
  assert.equal((await get(router, '/own', 'HEAD')).headers.get('x-own'), 'yes')
})

test('OPTIONS is answered with Allow, unless there is a handler for it', async () => {
  const router = new Router('/', { get: () => '', put: () => '' })
  router.on(['OPTIONS', 'REPORT'], 'own', () => 'mine')
  const options = await get(router, '/', 'OPTIONS')
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS, PUT'])
  assert.equal(await said(router, '/own', 'OPTIONS'), 'mine')
  assert.equal(await said(router, '/own', 'REPORT'), 'mine')
  assert.equal((await inject(router, { path: '/own', extra: { REQUEST_METHOD: 'report' } })).status, 405, 'methods are case-sensitive')
})

test('a request\'s method reaches nothing but handlers', async () => {
  class Site extends Router {
    override get(): string {
      return 'got'
    }
  }
  const site = new Site('/')
  for (const method of ['ADDCHILD', 'addChild', 'CONSTRUCTOR', 'constructor', '__PROTO__', 'RESPOND', 'ON']) {
    assert.equal((await get(site, '/', method)).status, 405, method)
  }
})

test('a class has its handlers as methods, and routes as fields in their order', async () => {
  class Users extends Router {
    readonly greeting = 'hello'

    override get(request: WsgiRequest): HandlerResult {
      return `${this.greeting} ${String(request.params.team)}`
    }

    override async post(): Promise<HandlerResult> {
      return WsgiResponse.text('made', { status: 201 })
    }

    readonly any = route('<name>', (request, { name }) => `any ${name} ${String((request.params as { team?: unknown }).team)}`)
    readonly one = route('<int:id>', (_, { id }) => `${this.greeting} ${id}`)
    readonly saveOne = route('<int:id>', { method: ['put', 'patch'] }, (request, { id }) => `${request.method} ${id}`)
  }
  const users = new Users('<team>/users/')
  const router = new Router('/', users)
  assert.equal(await said(router, '/a/users/'), 'hello a')
  assert.equal((await get(router, '/a/users/', 'POST')).status, 201)
  assert.equal(await said(router, '/a/users/x'), 'any x a')
  assert.equal(await said(router, '/a/users/7'), 'any 7 a', 'the first in order')
  assert.deepEqual([...users.ruleMethods.keys()], ['any', 'one', 'saveOne'])
  assert.deepEqual(users.routes.map(({ rule }) => rule), ['<name>', '<int:id>'])
})

test('a subclass inherits routes, replaces them in their place, and takes them away', async () => {
  class Base extends Router {
    readonly a: unknown = route('<a>', () => 'a')
    readonly b: unknown = route('<int:b>', () => 'b')
    readonly c: unknown = route('c', () => 'c')
  }
  class Sub extends Base {
    override readonly a = route('<string(length=1):a>', () => 'sub a')
    override readonly c = undefined
  }
  const sub = new Sub('/')
  assert.deepEqual(await Promise.all(['/1', '/22', '/c', '/cc'].map((path) => said(sub, path))), ['sub a', 'b', 'sub a', '404'])
  assert.equal(await said(new Base('/'), '/c'), 'c')
})

test('decorated methods are routes; rule and method are by default in the name', async () => {
  class Site extends Router {
    readonly word = 'hello'

    @route('users/<int:id>')
    show(request: WsgiRequest<{ readonly id: number }>): HandlerResult {
      return `${this.word} ${request.params.id}`
    }

    @route()
    about(): HandlerResult {
      return 'about'
    }

    @route()
    post_about(): HandlerResult {
      return 'posted'
    }

    @route('gone')
    gone(): HandlerResult {
      return 'here'
    }
  }
  class Sub extends Site {
    override gone(): HandlerResult {
      return 'not a route any more'
    }

    @route('people/<int:id>', { name: 'person' })
    override show(request: WsgiRequest<{ readonly id: number }>): HandlerResult {
      return `person ${request.params.id}`
    }
  }
  const [site, sub] = [new Site('/'), new Sub('/')]
  assert.equal(await said(site, '/users/7'), 'hello 7')
  assert.equal(await said(site, '/about'), 'about')
  assert.equal(await said(site, '/about', 'POST'), 'posted')
  assert.equal(site.routes.length, 3)
  assert.equal(await said(site, '/gone'), 'here')
  assert.equal(await said(sub, '/gone'), '404')
  assert.equal(await said(sub, '/people/7'), 'person 7')
  assert.equal(await said(sub, '/users/7'), '404')
  assert.equal(sub.getRoute('person')?.path({ id: 1 }), '/people/1')
})

test('names find routers, and routers make paths and links', () => {
  const deep = new Router('<int:id>/edit page', { name: 'edit', get: () => '' })
  const router = new Router('/', new Router('a/', new Router('x', { name: 'x' }), deep), new Router('b/', { name: 'x', defaults: { n: 1 } }))
  assert.equal(router.getRoute('x')?.path(), '/b/', 'the nearest first')
  assert.equal(router.getRoute('edit'), deep)
  assert.equal(router.getRoute('nothing'), undefined)
  assert.equal(deep.path({ id: 7 }), '/a/7/edit%20page')
  assert.throws(() => deep.path(), /needs a value for id/)
  assert.equal(new Router('users/<int:id>').name, 'users_id')
  assert.equal(String(new Router('p/<int:n>', { defaults: { n: 5 } }).path()), '/p/5')
})

test('link() is an anchor with the whole path, escaped', async () => {
  const child: Router = new Router<string>('<name>', { get: () => child.link('a < b', { name: '"x"&' }) })
  const router = new Router('/dir/', child)
  const body = await said(router, '/dir/y')
  assert.match(body, /^<a href=["']\/dir\/%22x%22(&amp;|&)["']>a &lt; b<\/a>$/)
})

test('parameters are the router\'s own, else its class\'s, else the parent\'s', () => {
  class Typed extends Router {
    override readonly responseContentTypes = ['text/html']
    readonly title = 'of the class'
  }
  const own = new Typed('a', { responseContentTypes: ['text/plain'] })
  const typed = new Typed('b')
  const plain = new Router('c')
  const parent = new Router('/', own, typed, plain, { name: 'parent', responseContentTypes: ['application/json'], parameters: { title: 'of the parent', color: 'red' } })
  assert.deepEqual(own.getParam('responseContentTypes'), ['text/plain'])
  assert.deepEqual(typed.getParam('responseContentTypes'), ['text/html'])
  assert.deepEqual(plain.getParam('responseContentTypes'), ['application/json'])
  assert.equal(typed.getParam('title'), 'of the class')
  assert.equal(plain.getParam('title'), 'of the parent')
  assert.equal(typed.getParam('color'), 'red')
  assert.equal(plain.getParam('shape', 'round'), 'round')
  assert.equal(plain.getParam('toString', 'none'), 'none')
  assert.equal(plain.getParam('name'), 'c', 'a name is not inherited')
  assert.equal(parent.getParam('name'), 'parent')
})

test('responseContentTypes are negotiated: the best for the client, or 406', async () => {
  const router = new Router('/', { get: ({ response }) => response.contentType ?? 'not chosen', responseContentTypes: ['text/html', 'application/json', 'text/plain'] })
  const accept = async (field?: string): Promise<string> => {
    const response = await inject(router, field === undefined ? {} : { headers: { Accept: field } })
    return response.status === 200 ? `${response.headers.get('content-type') ?? ''} ${response.text()}` : String(response.status)
  }
  assert.match(await accept(), /^text\/plain.* not chosen$/)
  assert.match(await accept('*/*'), /text\/html/)
  assert.match(await accept('text/html;q=0.5, application/json'), /application\/json/)
  assert.equal(await accept('image/png'), '406')
  assert.equal(await accept('text/html;q=0, image/png'), '406')
})

test('responseWrapper is called with the handler, for children too', async () => {
  const router = new Router('/', { responseWrapper: async (handler, request) => `(${String(await handler(request, request.params))})` })
  router.get('a', () => 'a')
  assert.equal(await said(router, '/a'), '(a)')
})

test('a second handler for the same rule and method is refused, and the same rule with other names', () => {
  const router = new Router('/')
  router.get('users/<int:id>', () => '')
  assert.throws(() => { router.get('/users/<int:id>', () => '') }, RuleError)
  assert.throws(() => { router.post('/users/<int:user>', () => '') }, /is there already, as '\/users\/<int:id>'/)
  assert.throws(() => router.addChild(new Router('users/<int:id>')), RuleError)
  assert.throws(() => { router.post('users/<int:id>', () => '', { name: 'x' }) }, /came first/)
  assert.throws(() => { router.get('x', 5 as never) }, /the handler of GET \/x is number/)
  assert.throws(() => { new Router('<a>/', new Router('<a>')).resolve('/x/y') }, /the variable a is there twice/)
  assert.throws(() => { router.on('GE T', 'x', () => '') }, /no method/)
})

test('children are added, moved and removed, and what is cached follows', async () => {
  const child = new Router('a', { get: () => 'a' })
  const [one, other] = [new Router('/'), new Router('/b/')]
  one.addChild(child)
  one.addChild(child)
  assert.equal(await said(one, '/a'), 'a')
  assert.equal(child.path(), '/a')
  other.addChild(child)
  assert.equal(await said(one, '/a'), '404')
  assert.equal(await said(other, '/b/a'), 'a')
  assert.equal(child.path(), '/b/a')
  assert.ok(child.hasParent(other) && child.hasParent(child) && !child.hasParent(one))
  assert.throws(() => child.addChild(child), /below itself/)
  assert.throws(() => child.addChild(other), /below itself/)
  other.removeChild(child)
  assert.equal(await said(other, '/b/a'), '404')
  assert.equal(child.parent, undefined)
  child.get('late', () => 'late')
  assert.equal(await said(child, '/a/late'), 'late')
})

test('resolve() gives the router of a path and the values', () => {
  const child = new Router('<int:id>', { get: () => '' })
  const router = new Router('users/', child)
  assert.deepEqual(router.resolve('/users/7'), { router: child, params: { id: 7 } })
  assert.equal(router.resolve('users/x'), undefined)
})

const echo: WSGIApplication = (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(`${environ.SCRIPT_NAME}|${environ.PATH_INFO}`, 'latin1')]
}

test('an application mounted below a prefix has it in SCRIPT_NAME', async () => {
  const router = new Router('/')
  router.get('app/own', () => 'own')
  router.mount('app', echo)
  router.mount('sites/<int:id>/', echo)
  assert.equal(await said(router, '/app'), '/app|')
  assert.equal(await said(router, '/app/'), '/app|/')
  assert.equal(await said(router, '/app/a//b%20c/caf%C3%A9'), '/app|/a//b c/café')
  assert.equal(await said(router, '/app/%FF'), '/app|/\ufffd', 'what is no UTF-8 is the application\'s affair')
  assert.equal(await said(router, '/app/own'), 'own')
  assert.equal(await said(router, '/sites/7/x'), '/sites/7|/x')
  assert.equal(await said(router, '/sites/x/y'), '404')
  assert.equal(await said(router, '/apple'), '404')
})

test('routers are mounted as any application, and mounted ones mount', async () => {
  const inner = new Router('/', { get: (request) => `inner ${String(request.environ.SCRIPT_NAME)} ${request.absoluteUri()}` })
  inner.mount('deeper', echo)
  const outer = new Router('/')
  outer.mount('a/b', inner)
  assert.equal(await said(outer, '/a/b'), 'inner /a/b http://127.0.0.1:8060/a/b'.replace('127.0.0.1:8060', (await get(outer, '/a/b')).text().split('//')[1]?.split('/')[0] ?? ''))
  assert.equal(await said(outer, '/a/b/deeper/x'), '/a/b/deeper|/x')
  assert.equal(await said(outer, '/a/b/none'), '404')
})

test('a mount at the root takes what no route takes', async () => {
  const router = new Router('/')
  router.get('a', () => 'a')
  router.mount('/', echo)
  router.get('<late>', () => 'too late')
  assert.deepEqual(await Promise.all(['/', '/a', '/b', '/a/b'].map((path) => said(router, path))), ['|/', 'a', '|/b', '|/a/b'])
})

test('a router is an application that answers 404, and a middleware that lets pass', async () => {
  const router = new Router('/', new Router('a', { get: () => 'a' }))
  const behind = new Router('/', new Router('b', { get: () => 'b' }))
  assert.equal(await said(router, '/b'), '404')
  const handler = new WsgiHandler([router, behind])
  assert.deepEqual(await Promise.all(['/a', '/b', '/c'].map((path) => said(handler, path))), ['a', 'b', '404'])
})

test('a router is a function and an object of its class', () => {
  class Site extends Router {}
  const site = new Site('/', { name: 'site' })
  assert.equal(typeof site, 'function')
  assert.ok(site instanceof Site && site instanceof Router)
  assert.equal(site.name, 'site')
  assert.ok(site.creationCount < new Site('/').creationCount)
  assert.equal((site as unknown as { call?: unknown }).call, undefined)
})
