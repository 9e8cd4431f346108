import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWsgiEnviron } from '../../../src/app/test-wsgi-environ.ts'
import { parseAuthorizationHeader } from '../../../src/web/auth/authorization-header.ts'
import { DigestAuth } from '../../../src/web/auth/digest-auth.ts'
import { DigestNonces } from '../../../src/web/auth/digest-nonces.ts'
import { HttpAuthenticate } from '../../../src/web/auth/http-authenticate.ts'
import { proof, type Proof } from './digest-client.ts'

const nonces = new DigestNonces()

function challenge(options: ConstructorParameters<typeof HttpAuthenticate>[1] = {}): string {
  const error = new HttpAuthenticate('digest', { realm: 'r', algorithms: ['SHA-256'], nonces, ...options })
  return error.headers[0]?.[1] as string
}

function parse(options: Partial<Proof>): DigestAuth {
  const auth = parseAuthorizationHeader(proof({ challenge: challenge(), username: 'ada', password: 'secret', ...options }))
  assert.ok(auth instanceof DigestAuth)
  return auth
}

function authenticated(options: Partial<Proof>, path: string = options.uri ?? '/', using: DigestNonces = nonces): boolean {
  return parse(options).authenticated(testWsgiEnviron({ path, method: options.method ?? 'GET' }), 'ada', 'secret', using)
}

test('the right password is proved with every algorithm, sessions included', () => {
  for (const algorithm of ['SHA-256', 'SHA-512-256', 'MD5'] as const) {
    for (const session of [false, true]) {
      assert.ok(authenticated({ challenge: challenge({ algorithms: [algorithm] }), session, uri: '/a?b=c', method: 'POST' }), algorithm)
    }
  }
})

test("RFC 7616's own examples are right", () => {
  class AnyNonces extends DigestNonces {
    override state(): 'good' {
      return 'good'
    }
  }
  const example = (algorithm: string, response: string): boolean => {
    const auth = parseAuthorizationHeader('Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", ' +
      `algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ` +
      `cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="${response}", ` +
      'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"')
    const environ = testWsgiEnviron({ path: '/dir/index.html' })
    return auth?.type === 'digest' && auth.authenticated(environ, 'Mufasa', 'Circle of Life', new AnyNonces())
  }
  assert.ok(example('MD5', '8ca523f5e9506fed4657c9700eebdbec'))
  assert.ok(example('SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'))
  assert.ok(!example('SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c2'))
  // Section 3.9.2, as corrected by erratum 4897: a hashed name, beyond ASCII.
  const hashed = parseAuthorizationHeader('Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", ' +
    'realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
    'nc=00000001, cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop=auth, userhash=true, ' +
    'response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"')
  const environ = testWsgiEnviron({ path: '/doe.json' })
  assert.ok(hashed?.type === 'digest' && hashed.authenticated(environ, 'Jäsøn Doe', 'Secret, or not?', new AnyNonces()))
})

test('a wrong name, password, method, URI or body is refused', () => {
  assert.ok(!authenticated({ password: 'Secret' }))
  assert.ok(!authenticated({ username: 'Ada' }))
  assert.ok(!authenticated({ uri: '/a' }, '/b'))
  assert.ok(!authenticated({ uri: '/a?x=1' }, '/a?x=2'))
  const auth = parse({ method: 'PUT' })
  assert.ok(!auth.authenticated(testWsgiEnviron(), 'ada', 'secret', nonces))
  assert.equal(auth.stale, false)
})

test('a proof counts once: what was sent before is a replay, and stale', () => {
  const asked = challenge()
  assert.ok(authenticated({ challenge: asked, count: 1 }))
  const again = parse({ challenge: asked, count: 1 })
  assert.ok(!again.authenticated(testWsgiEnviron(), 'ada', 'secret', nonces))
  assert.ok(again.stale)
  assert.ok(authenticated({ challenge: asked, count: 2 }))
})

test('counts may come out of order by a few, and not by more', () => {
  const asked = challenge()
  for (const count of [40, 42, 41, 39, 12]) assert.ok(authenticated({ challenge: asked, count }), String(count))
  for (const count of [42, 41, 39, 12, 10, 1]) assert.ok(!authenticated({ challenge: asked, count }), String(count))
  assert.ok(authenticated({ challenge: asked, count: 2 ** 32 - 1 }))
  assert.ok(!authenticated({ challenge: asked, count: 43 }))
})

test('a wrong proof does not use up a count', () => {
  const asked = challenge()
  assert.ok(!authenticated({ challenge: asked, password: 'wrong' }))
  assert.ok(authenticated({ challenge: asked }))
})

test('a nonce that was not made here is refused, however it was changed', () => {
  const nonce = nonces.make()
  for (const foreign of ['', 'abc', `${nonce}A`, nonce.slice(0, -1), `B${nonce.slice(1)}`, `${nonce}=`, new DigestNonces().make()]) {
    assert.equal(nonces.state(foreign), 'foreign', foreign)
    assert.ok(!authenticated({ nonce: foreign }))
  }
  assert.equal(nonces.state(nonce), 'good')
})

test('a right proof for a nonce of another process is stale: the client tries again without asking anybody', () => {
  const elsewhere = parse({ nonce: new DigestNonces().make() })
  assert.ok(!elsewhere.authenticated(testWsgiEnviron(), 'ada', 'secret', nonces))
  assert.ok(elsewhere.stale)
  const stranger = parse({ nonce: new DigestNonces().make(), password: 'x' })
  assert.ok(!stranger.authenticated(testWsgiEnviron(), 'ada', 'secret', nonces))
  assert.ok(!stranger.stale)
})

test('the same bytes in another spelling are another nonce, and foreign', () => {
  const nonce = nonces.make()
  const last = nonce.at(-1) as string
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const twins = [...alphabet].map((character) => nonce.slice(0, -1) + character)
    .filter((twin) => twin !== nonce && Buffer.from(twin, 'base64url').equals(Buffer.from(nonce, 'base64url')))
  assert.ok(twins.length > 0, last)
  for (const twin of twins) assert.equal(nonces.state(twin), 'foreign')
})

test('an old nonce is stale, and says so', () => {
  let now = 1_700_000_000_000
  const timed = new DigestNonces({ lifetime: 10, now: () => now })
  const asked = challenge({ nonces: timed })
  now += 10_000
  assert.ok(authenticated({ challenge: asked }, '/', timed))
  now += 1
  const late = parse({ challenge: asked, count: 2 })
  assert.ok(!late.authenticated(testWsgiEnviron(), 'ada', 'secret', timed))
  assert.ok(late.stale)
  assert.match(challenge({ stale: true }), /, stale=true$/)
  // Who does not know the password does not learn that only the nonce was wrong.
  const stranger = parse({ challenge: asked, password: 'x' })
  assert.ok(!stranger.authenticated(testWsgiEnviron(), 'ada', 'secret', timed))
  assert.ok(!stranger.stale)
})

test('a nonce that was forgotten is not good for a replay', () => {
  let now = 1_700_000_000_000
  const few = new DigestNonces({ remembered: 2, now: () => now })
  const asked = [1, 2, 3].map(() => {
    now += 1
    return challenge({ nonces: few })
  })
  for (const one of asked) assert.ok(authenticated({ challenge: one }, '/', few))
  for (const one of asked) assert.ok(!authenticated({ challenge: one }, '/', few))
})

test('processes with one secret take the nonces of each other', () => {
  const [one, other] = [new DigestNonces({ secret: 'shared' }), new DigestNonces({ secret: 'shared' })]
  assert.equal(other.state(one.make()), 'good')
})

test('auth-int proves the body that was read', () => {
  const asked = challenge({ qop: 'auth-int' })
  const proved = (body: string | undefined, sent: string, count: number): boolean => {
    const auth = parse({ challenge: asked, method: 'POST', body: sent, count })
    auth.body = body === undefined ? undefined : Buffer.from(body)
    return auth.authenticated(testWsgiEnviron({ method: 'POST' }), 'ada', 'secret', nonces)
  }
  assert.ok(proved('x=1', 'x=1', 1))
  assert.ok(!proved('x=2', 'x=1', 2))
  assert.ok(!proved(undefined, '', 3))
})

test('the challenge has one field for each algorithm, most wanted first', () => {
  const { headers, status } = new HttpAuthenticate('digest')
  assert.equal(status, 401)
  assert.match(headers[0]?.[1] ?? '', /^Digest realm="[^"]+", qop="auth", algorithm=SHA-256, nonce="[\w-]{46}", opaque="[\w-]+", charset=UTF-8$/)
  assert.match(headers[1]?.[1] ?? '', /algorithm=MD5/)
  assert.equal(headers.length, 2)
})

test('credentials that are malformed, or of an older kind, are nothing', () => {
  const good = proof({ challenge: challenge(), username: 'a', password: 'b' })
  assert.ok(parseAuthorizationHeader(good))
  const bad: Record<string, string> = {
    'without qop': good.replace(/, qop=auth/, ''),
    'another qop': good.replace('qop=auth', 'qop=magic'),
    'without a name': good.replace(/username="a", /, ''),
    'two names': `${good}, username="b"`,
    'another algorithm': good.replace('SHA-256', 'SHA-1'),
    'a count of nine digits': good.replace('nc=', 'nc=0'),
    'an open quote': good.slice(0, -1),
    'a response that is no hash': good.replace(/response="/, 'response="x'),
    'no comma': good.replace(/, realm/, ' realm'),
    'nothing': 'Digest ',
    'name and name*': `${good}, username*=UTF-8''a`,
  }
  for (const [what, field] of Object.entries(bad)) assert.equal(parseAuthorizationHeader(field), undefined, what)
})

test('a name beyond ASCII comes as UTF-8, or as username*', () => {
  const good = proof({ challenge: challenge(), username: 'a', password: 'b' })
  const nameOf = (name: string): string | undefined => parseAuthorizationHeader(good.replace('username="a"', name))?.username
  assert.equal(nameOf(`username="${Buffer.from('Jäsøn').toString('latin1')}"`), 'Jäsøn')
  assert.equal(nameOf("username*=UTF-8''J%C3%A4s%C3%B8n"), 'Jäsøn')
  assert.equal(nameOf("username*=UTF-8''%C3"), undefined)
  assert.equal(nameOf('username="a\\"\\\\b"'), 'a"\\b')
})

test('a list of parameters of any length is read at once', () => {
  assert.equal(parseAuthorizationHeader(`Digest ${',\t '.repeat(50_000)}"`), undefined)
  assert.equal(parseAuthorizationHeader(`Digest a="${'\\'.repeat(99_999)}`), undefined)
})
