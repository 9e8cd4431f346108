/** Routes that ask who is there. Names and passwords stand in the path: these are for trying clients. */
import { Http404, HttpAuthenticate, Unauthorized, type DigestAlgorithm, type Router, type WsgiRequest } from 'pulsar-wsgi'

const realm = 'httpbin'
const algorithms: readonly DigestAlgorithm[] = ['MD5', 'SHA-256', 'SHA-512-256']

interface Wanted {
  readonly qop: 'auth' | 'auth-int'
  readonly user: string
  readonly password: string
  readonly algorithm?: string
}

/** Behind authorizationMiddleware, which reads what the client says. */
export function addAuthentication(router: Router): void {
  const parameters = (title: string, more: Readonly<Record<string, string>> = {}) =>
    ({ defaults: { user: 'ada', password: 'engine', ...more }, parameters: { title } })
  const isBasic = (request: WsgiRequest<unknown>, user: string, password: string) =>
    request.auth?.type === 'basic' && request.auth.authenticated(request.environ, user, password)

  router.get('basic-auth/<user>/<password>', (request, { user, password }) => {
    if (!isBasic(request, user, password)) throw new HttpAuthenticate('basic', { realm })
    return { authenticated: true, user, username: user }
  }, parameters('Basic, with that name and password'))
  router.get('hidden-basic-auth/<user>/<password>', (request, { user, password }) => {
    if (!isBasic(request, user, password)) throw new Http404()
    return { authenticated: true, user, username: user }
  }, parameters('The same, but whoever has no right to it sees a 404'))
  router.get('bearer', (request) => {
    const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.get('authorization') ?? '') ?? []
    if (token === undefined) throw new Unauthorized(`Bearer realm="${realm}"`)
    return { authenticated: true, token }
  }, { parameters: { title: 'Any bearer token' } })

  router.get('digest-auth/<any(auth, auth-int):qop>/<user>/<password>', digest, parameters('Digest, with that name and password', { qop: 'auth' }))
  router.get('digest-auth/<any(auth, auth-int):qop>/<user>/<password>/<any(MD5, SHA-256, SHA-512-256):algorithm>', digest, parameters('And by that algorithm', { qop: 'auth', algorithm: 'SHA-256' }))
  router.get('digest-auth/<user>/<password>/<any(auth, auth-int):qop>', digest, parameters('In the order of pulsar', { qop: 'auth' }))
}

function digest(request: WsgiRequest<unknown>, { qop, user, password, algorithm = 'MD5' }: Wanted): object {
  const { auth } = request
  if (auth?.type === 'digest' && auth.authenticated(request.environ, user, password)) return { authenticated: true, user, username: user }
  const chosen = algorithms.find((one) => one === algorithm) ?? 'MD5'
  throw new HttpAuthenticate('digest', { realm, qop, algorithms: [chosen], stale: auth?.type === 'digest' && auth.stale })
}
