/** examples/strangler: Flask and TypeScript in one server, with one session. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadModule } from '../../src/app/load-module.ts'
import { stopQuietly, withoutPackage } from '../support/frameworks.ts'
import { projectRoot } from '../support/project.ts'
import { pythonEnvironment } from '../support/python-environment.ts'
import { startCommand, type RunningCommand } from '../support/start-command.ts'
import { WebClient } from '../support/web-client.ts'

const skip = withoutPackage('flask', '2.0')
const directory = join(projectRoot, 'examples', 'strangler')

function serve(...args: string[]): Promise<RunningCommand> {
  const env = { SECRET_KEY: 'known to both', VIRTUAL_ENV: pythonEnvironment().directory }
  return startCommand(['-b', '127.0.0.1:0', ...args], { cwd: directory, env })
}

for (const args of [[], ['-w', '2', '--python-workers', '2']]) {
  test(`a visitor does not see which language answers: ${args.join(' ') || 'as the page says'}`, { skip }, async () => {
    const server = await serve(...args)
    const visitor = new WebClient(server.address)
    assert.match((await visitor.get('/')).text, /Log in/)
    assert.equal((await visitor.post('/login', { user: 'Zoë' })).status, 302)
    assert.match((await visitor.get('/cart')).text, /<h1>The cart of Zoë<\/h1>/)
    for (const product of ['tea', 'milk', 'tea']) {
      const put = await visitor.post('/cart', { product })
      assert.deepEqual([put.status, put.headers.get('location')], [303, '/cart'])
    }
    assert.match((await visitor.get('/cart')).text, /<li>2 tea<\/li><li>1 milk<\/li>.*Together: 8\.20/)
    assert.match((await visitor.get('/')).text, /Hello, Zoë\.[^]*3 in the cart/)
    assert.equal((await visitor.post('/checkout', {})).status, 302)
    const bought = await visitor.get('/')
    assert.match(bought.text, /<p role="status">Bought: 1 Milk, 2 Tea\.<\/p>/)
    assert.match(bought.text, /Hello, Zoë\.[^]*0 in the cart/)
    assert.doesNotMatch((await visitor.get('/cart')).text, /<li>/)
    assert.deepEqual(JSON.parse((await visitor.get('/prices')).text), { tea: 350, coffee: 420, milk: 120 })
    assert.equal((await visitor.post('/cart', { product: 'gold' })).status, 422)
    await stopQuietly(server)
  })
}

test('a stream in TypeScript stays open while Flask answers on its only thread', { skip }, async () => {
  const server = await serve()
  const visitor = new WebClient(server.address)
  const leave = new AbortController()
  const streams = await Promise.all(Array.from({ length: 5 }, () => visitor.raw('/prices?stream', { signal: leave.signal })))
  for (const stream of streams) {
    const { value } = await (stream.body as ReadableStream<Uint8Array>).getReader().read()
    assert.match(Buffer.from(value as Uint8Array).toString(), /^data: \{"tea":350/)
  }
  assert.equal((await visitor.get('/')).status, 200)
  leave.abort()
  await stopQuietly(server)
})

test('a session that somebody else has signed is nobody\'s, on both sides', { skip }, async () => {
  const server = await serve()
  const forger = new WebClient(server.address)
  const { FlaskSessions } = await sessionsModule()
  forger.cookies.set('session', new FlaskSessions({ secret: 'guessed' }).seal({ user: 'Eve' }))
  assert.match((await forger.get('/')).text, /Log in/)
  assert.match((await forger.get('/cart')).text, /<h1>The cart<\/h1>/)
  await stopQuietly(server)
})

interface Sessions {
  open(cookie: string | undefined): unknown
  seal(session: Readonly<Record<string, unknown>>): string
}
interface SessionsModule {
  readonly FlaskSessions: new (options: {
    readonly secret: string, readonly fallbacks?: readonly string[], readonly lifetime?: number, readonly now?: () => number
  }) => Sessions
}

const sessionsModule = async (): Promise<SessionsModule> => await loadModule(join(directory, 'flask-session.ts')) as unknown as SessionsModule

/** Runs a program with Flask's own serializer as `serializer`, a secret of `a key`, and the input as `given`. */
function inFlask(program: string, given: unknown): unknown {
  const source = `
import json, sys, datetime, uuid
from flask import Flask
app = Flask('test')
app.secret_key = 'a key'
serializer = app.session_interface.get_signing_serializer(app)
given = json.load(sys.stdin)
${program}
`
  const { status, stdout, stderr } = spawnSync(pythonEnvironment().python, ['-c', source], { input: JSON.stringify(given), encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as unknown
}

const sessions: readonly Readonly<Record<string, unknown>>[] = [
  { user: 'ada' }, {}, { user: 'Zoë 🙂 \u2028 "', n: 1.5, big: 2 ** 40, no: null, yes: true, list: [1, [2, {}]], deep: { a: { b: [] } } },
  { text: 'long, so that it is worth packing. '.repeat(50) }, { _permanent: true, _fresh: false, user_id: '7' },
]

test('what Flask has signed is read', { skip }, async () => {
  const { FlaskSessions } = await sessionsModule()
  const cookies = inFlask('print(json.dumps([serializer.dumps(one) for one in given]))', sessions) as string[]
  assert.ok(cookies.some((cookie) => cookie.startsWith('.')), 'one of them is packed')
  const ours = new FlaskSessions({ secret: 'a key' })
  assert.deepEqual(cookies.map((cookie) => ours.open(cookie)), sessions)
})

test('what is written here Flask reads', { skip }, async () => {
  const { FlaskSessions } = await sessionsModule()
  const ours = new FlaskSessions({ secret: 'a key' })
  const cookies = sessions.map((session) => ours.seal(session))
  assert.ok(cookies.some((cookie) => cookie.startsWith('.')), 'one of them is packed')
  assert.deepEqual(inFlask('print(json.dumps([serializer.loads(one, max_age=60) for one in given]))', cookies), sessions)
})

test('tuples, dates, bytes and UUIDs go through unharmed', { skip }, async () => {
  const { FlaskSessions } = await sessionsModule()
  const rich = `{'t': (1, (2, 'b')), 'd': datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), 'b': b'\\x00\\xff', 'u': uuid.UUID(int=5), 'x': {' t': 1}}`
  const cookie = inFlask(`print(json.dumps(serializer.dumps(${rich})))`, null) as string
  const ours = new FlaskSessions({ secret: 'a key' })
  const back = ours.seal(ours.open(cookie) as Record<string, unknown>)
  assert.equal(inFlask(`print(json.dumps(serializer.loads(given) == ${rich}))`, back), true)
})

test('a cookie that is forged, cut, too old, from the future or none at all is an empty session', async () => {
  const { FlaskSessions } = await sessionsModule()
  const now = 1_800_000_000_000
  const ours = new FlaskSessions({ secret: 'a key', now: () => now })
  const cookie = ours.seal({ user: 'ada' })
  assert.deepEqual(ours.open(cookie), { user: 'ada' })
  const [payload = '', time = '', signature = ''] = cookie.split('.')
  const wrong = [
    undefined, '', 'x', 'a.b', '..', '...', `${payload}.${time}`, `${payload}.${time}.`, `${payload}.${time}.${signature.slice(0, -1)}`,
    `${payload}x.${time}.${signature}`, `${payload}.AAAA.${signature}`, `.${cookie}`, `${Buffer.from('{"user":"eve"}').toString('base64url')}.${time}.${signature}`,
  ]
  for (const one of wrong) assert.deepEqual(ours.open(one), {}, String(one))
  const at = (offset: number): Sessions => new FlaskSessions({ secret: 'a key', lifetime: 100, now: () => now + offset * 1000 })
  assert.deepEqual([at(100).open(cookie), at(101).open(cookie), at(-1).open(cookie)], [{ user: 'ada' }, {}, {}])
})

test('a key that was replaced is still read while it is a fallback', async () => {
  const { FlaskSessions } = await sessionsModule()
  const old = new FlaskSessions({ secret: 'old' }).seal({ user: 'ada' })
  assert.deepEqual(new FlaskSessions({ secret: 'new', fallbacks: ['older', 'old'] }).open(old), { user: 'ada' })
  assert.deepEqual(new FlaskSessions({ secret: 'new' }).open(old), {})
})
