/**
 * What compiles and what does not: `tsc` is the test. A line under `@ts-expect-error` that compiled would be an error.
 * Nothing here runs.
 */
import { route, Route, Router, type RuleParams, type UrlParams, type WsgiRequest, type WSGIApplication, type Middleware, WsgiHandler } from '../../../src/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
type Expect<T extends true> = T

export type Inferred = [
  Expect<Equal<RuleParams<'/users/<int:id>'>, { readonly id: number }>>,
  Expect<Equal<RuleParams<'<name>'>, { readonly name: string }>>,
  Expect<Equal<RuleParams<'<string(minlength=2, maxlength=3):code>/<float:x>'>, { readonly code: string, readonly x: number }>>,
  Expect<Equal<RuleParams<'files/<path:rest>'>, { readonly rest: string }>>,
  Expect<Equal<RuleParams<'<any(red, green):color>'>, { readonly color: 'red' | 'green' }>>,
  Expect<Equal<RuleParams<'<any("off white", red):color>'>, { readonly color: string }>>,
  Expect<Equal<RuleParams<'<int(min=1):a>-<int:b>'>, { readonly a: number, readonly b: number }>>,
  Expect<Equal<RuleParams<'a/b/'>, {}>>,
  Expect<Equal<RuleParams<string>, Readonly<Record<string, string | number>>>>,
  Expect<Equal<UrlParams<'<int:a>/<b>', 'b'>, { readonly a: number, readonly b?: string | number }>>,
]

export function routes(): void {
  const user = new Route('/users/<int:id>')
  user.url({ id: 7 })
  user.match('users/7')?.id.toFixed()
  // @ts-expect-error a value is missing
  user.url()
  // @ts-expect-error the value is no number
  user.url({ id: 'x' })
  // @ts-expect-error there is no such variable
  user.url({ id: 7, name: 'x' })
  // @ts-expect-error the match may be none
  user.match('users/7').id
  // @ts-expect-error the value is a number
  user.match('users/7')?.id.slice()

  const again = new Route('redirect/<int:times>', { times: 5 })
  again.url()
  again.url({ times: 6 })
  // @ts-expect-error the value is no number
  again.url({ times: 'x' })
  user.join('posts/<post>').url({ id: 7, post: 'x' })
  // @ts-expect-error the joined rule has two variables
  user.join('posts/<post>').url({ id: 7 })

  // @ts-expect-error there is no converter uuid
  new Route('<uuid:id>')
  // @ts-expect-error there is no converter uuid
  new Route('<int:a>/<uuid(3):id>')
  // @ts-expect-error a variable is there twice
  new Route('<id>/<int:id>')
  // @ts-expect-error the bracket is not closed
  new Route('users/<id')
  // @ts-expect-error the placeholder is empty
  new Route('users/<>')
  const unknown: string = 'users/<id>'
  new Route(unknown).url({ id: 7, more: 'x' })
}

export function functions(): void {
  const router = new Router('/')
  router.get('/users/<int:id>', (request, { id }) => ({ id: id.toFixed(), same: request.params.id === id, args: request.urlargs.id }))
  router.post('users/<name>', async (request, { name }) => ({ name: name.trim(), body: await request.json() }))
  router.on(['GET', 'REPORT'], 'paint/<any(red, green):color>', (_, { color }) => (color === 'red' ? 1 : 2))
  // @ts-expect-error there is no such color
  router.get('paint/<any(red, green):color>', (_, { color }) => color === 'blue')
  // @ts-expect-error there is no variable name
  router.get('/users/<int:id>', (_, { name }) => name)
  // @ts-expect-error id is a number
  router.get('/users/<int:id>', (_, { id }) => id.slice())
  // @ts-expect-error id is a number
  router.get('/users/<int:id>', (request) => request.params.id.slice())
  // @ts-expect-error there is no converter uuid
  router.get('/users/<uuid:id>', () => '')
  // @ts-expect-error the handler is missing
  router.get('/users')
  // @ts-expect-error a text is no handler
  router.get('/users', 'x')
  // @ts-expect-error there is no such parameter
  router.get('/users', () => '', { responseContentType: ['text/html'] })

  const below = new Router('/users/<int:id>/', { get: (_, { id }) => id.toFixed() })
  below.get('posts/<post>', (_, { id, post }) => ({ id: id.toFixed(), post: post.trim() }))
  // @ts-expect-error id is a number
  new Router('/users/<int:id>', { get: (_, { id }) => id.slice() })
  // @ts-expect-error there is no method fetch
  new Router('/users', { fetch: () => '' })
}

export function classes(): void {
  class Users extends Router<'users/<int:id>/'> {
    override get(request: WsgiRequest<{ readonly id: number }>): object {
      return { id: request.params.id }
    }

    override async delete(): Promise<void> {
      await Promise.resolve()
    }

    readonly show = route('posts/<post>', (request, { post }) => `${post.trim()} ${request.params.post}`)
    readonly save = route('posts/<post>', { method: 'put' }, async (request, { post }) => ({ post, body: await request.json() }))

    @route('comments/<int:comment>')
    comment(request: WsgiRequest<{ readonly comment: number }>): string {
      return request.params.comment.toFixed()
    }

    // @ts-expect-error the variable is a number
    @route('likes/<int:like>')
    like(request: WsgiRequest<{ readonly like: string }>): string {
      return request.params.like
    }
  }
  const users = new Users('users/<int:id>/')
  // @ts-expect-error in this class get() is the handler
  users.get('x', () => '')
  users.post('x', () => '')
  // @ts-expect-error the class has another rule
  new Users('users/<int:other>/')
  // @ts-expect-error id is a number
  route('<int:id>', (_, { id }) => id.slice())
  // @ts-expect-error there is no converter uuid
  route('<uuid:id>', () => '')

  class Wrong extends Router {
    // @ts-expect-error a handler takes a request
    override get(request: number): string {
      return String(request)
    }
  }
  void Wrong
}

export function callables(): void {
  const router = new Router('/')
  const asApplication: WSGIApplication = router
  const asMiddleware: Middleware = router
  const handler: WSGIApplication = new WsgiHandler([router, asMiddleware, asApplication, () => undefined], [(_, response) => response])
  new Router('/', new Router('a'), { get: new Router('b') })
  router.mount('/x', handler)
  // @ts-expect-error not a middleware
  new WsgiHandler([5])
  // @ts-expect-error only false
  new WsgiHandler([], true)
}
