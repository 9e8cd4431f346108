/** examples/django as its README says: the admin, a database, forms, uploads, sessions, static files; and Django's own live server tests. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { frameworkFolder, inEnvironment, serveIn, stopQuietly, withoutPackage } from '../support/frameworks.ts'
import { commandEntry, projectRoot } from '../support/project.ts'
import { withoutPython } from '../support/python-environment.ts'
import { get, request } from '../support/raw-client.ts'
import type { RunningCommand } from '../support/start-command.ts'
import { WebClient, type Visit } from '../support/web-client.ts'

const skip = withoutPackage('django', '3.2')
const admin = { DJANGO_SUPERUSER_USERNAME: 'ada', DJANGO_SUPERUSER_EMAIL: 'ada@example.com', DJANGO_SUPERUSER_PASSWORD: 'a long password' }
let directory: string
let server: RunningCommand

/** The steps of the page, in its order. */
before(async () => {
  if (skip !== false) return
  directory = frameworkFolder('examples/django')
  const readme = readFileSync(join(directory, 'README.md'), 'utf8')
  const steps = [...readme.matchAll(/^\.venv\/bin\/python (manage\.py .*)$/gm)].map(([, step = '']) => step.split(' '))
  assert.equal(steps.length, 3)
  for (const step of steps) inEnvironment(directory, 'python', [...step, ...(step[1] === 'createsuperuser' ? ['--no-input'] : [])], admin)
  assert.match(readme, /^npx pulsar-wsgi$/m)
  server = await serveIn(directory)
})

const tokenOf = (page: Visit): string => /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text)?.[1] ?? assert.fail(page.text)

async function loggedIn(path: string): Promise<WebClient> {
  const client = new WebClient(server.address)
  const login = await client.get(`/admin/login/?next=${path}`)
  const entered = await client.post('/admin/login/', {
    csrfmiddlewaretoken: tokenOf(login), username: 'ada', password: 'a long password', next: path,
  })
  assert.deepEqual([entered.status, entered.headers.get('location')], [302, path])
  return client
}

async function keep(client: WebClient, fields: Readonly<Record<string, string | Blob>>): Promise<string> {
  const form = await client.get('/')
  const kept = await client.post('/', { csrfmiddlewaretoken: tokenOf(form), ...fields })
  assert.equal(kept.status, 302, kept.text)
  return kept.headers.get('location') as string
}

test('a note is kept: form, CSRF, database, session, message', { skip }, async () => {
  const client = new WebClient(server.address)
  const place = await keep(client, { title: 'Zürich & <b>', text: 'eins\r\nzwei' })
  const note = await client.get(place)
  assert.match(note.text, /“Zürich &amp; &lt;b&gt;” is kept\./)
  assert.match(note.text, /<p>eins<br>zwei<\/p>/)
  assert.doesNotMatch((await client.get(place)).text, /is kept/)
  assert.match((await client.get('/')).text, /Kept in this session: 1\./)
  assert.match((await new WebClient(server.address).get('/')).text, /Kept in this session: 0\./)
})

test('a form that is not right is shown again, one without its token is refused', { skip }, async () => {
  const client = new WebClient(server.address)
  const form = await client.get('/')
  const wrong = await client.post('/', { csrfmiddlewaretoken: tokenOf(form), title: '', text: 'x' })
  assert.deepEqual([wrong.status, /This field is required/.test(wrong.text)], [422, true])
  assert.equal((await client.post('/', { title: 'x', text: '' })).status, 403)
})

test('a file goes up, through a temporary file where it is large, and comes down with its name and its bytes', { skip }, async () => {
  const client = new WebClient(server.address)
  for (const size of [0x100, 1_000_000]) {
    const bytes = randomBytes(size)
    const place = await keep(client, { title: `file of ${size}`, text: '', file: new File([bytes], `Übung-${size}.bin`) })
    const down = await client.raw(`${place}file`)
    assert.deepEqual([down.status, down.headers.get('content-length')], [200, String(size)])
    assert.match(down.headers.get('content-disposition') ?? '', /^attachment; filename\*=utf-8''%C3%9Cbung-\d+\.bin$/i)
    assert.ok(Buffer.from(await down.arrayBuffer()).equals(bytes))
  }
  assert.equal((await client.get('/999/file')).status, 404)
})

test('the admin: login, change list, search, change, delete', { skip }, async () => {
  const place = await keep(new WebClient(server.address), { title: 'to be changed', text: '' })
  const id = /\d+/.exec(place)?.[0] ?? ''
  const client = await loggedIn('/admin/notes/note/')
  assert.match((await client.get('/admin/notes/note/')).text, /to be changed/)
  assert.match((await client.get('/admin/notes/note/?q=nothing+like+it')).text, /0 notes/)
  const change = `/admin/notes/note/${id}/change/`
  const saved = await client.post(change, { csrfmiddlewaretoken: tokenOf(await client.get(change)), title: 'was changed', text: 'ü', _save: 'Save' })
  assert.equal(saved.status, 302, saved.text)
  const list = await client.get('/admin/notes/note/?q=was+changed')
  assert.match(list.text, /was changed.*was changed successfully|was changed/s)
  const gone = `/admin/notes/note/${id}/delete/`
  assert.equal((await client.post(gone, { csrfmiddlewaretoken: tokenOf(await client.get(gone)), post: 'yes' })).status, 302)
  assert.equal((await client.get(place)).status, 404)
  const stranger = await new WebClient(server.address).get('/admin/notes/note/')
  assert.deepEqual([stranger.status, stranger.headers.get('location')], [302, '/admin/login/?next=/admin/notes/note/'])
})

test("the admin's own static files are served by the server, with conditions", { skip }, async () => {
  const client = new WebClient(server.address)
  const login = await client.get('/admin/login/')
  const styles = [...login.text.matchAll(/href="(\/static\/[^"]+\.css)"/g)].map(([, path = '']) => path)
  assert.ok(styles.length > 0)
  for (const path of styles) {
    const file = await client.get(path)
    assert.deepEqual([file.status, file.headers.get('content-type')], [200, 'text/css; charset=utf-8'], path)
    assert.equal((await client.get(path, { 'If-None-Match': file.headers.get('etag') as string })).status, 304)
  }
  assert.equal((await client.get('/static/nothing.css')).status, 404)
})

test('a streamed answer has all of the table', { skip }, async () => {
  const client = new WebClient(server.address)
  await keep(client, { title: 'in the stream', text: 'of all' })
  const all = await client.get('/notes.txt')
  assert.match(all.text, /in the stream\nof all\n\n$/)
  assert.equal(all.headers.get('content-length'), null)
})

test('a host that is not allowed is a bare 400; the value of a cookie begins with no space', { skip }, async () => {
  const other = await request(server.address, 'GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n')
  assert.equal(other.status, 400)
  assert.doesNotMatch(other.body.toString(), /Traceback|DisallowedHost/)
  const page = await request(server.address, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
  assert.match(page.head.toString(), /\r\nSet-Cookie: csrftoken=/)
})

test('threads, processes and --preload: the same application, ten at a time', { skip }, async () => {
  for (const args of [['--threads', '4'], ['-w', '2'], ['--preload', '-w', '2', '--threads', '2']]) {
    const other = await serveIn(directory, ...args)
    const client = new WebClient(other.address)
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.get('/')))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    const titles = Array.from({ length: 10 }, (_, index) => `${args.join(' ')} ${index}`)
    await Promise.all(titles.map((title) => keep(new WebClient(other.address), { title, text: '' })))
    const all = (await client.get('/notes.txt')).text
    for (const title of titles) assert.ok(all.includes(`${title}\n`), title)
    await stopQuietly(other)
  }
})

test("Django's live server test case runs with Pulsar as its server", { skip }, () => {
  const live = frameworkFolder('examples/django')
  cpSync(join(projectRoot, 'test', 'python', 'frameworks', 'live'), live, { recursive: true })
  const env = { TEST_NODE: process.execPath, TEST_PULSAR: commandEntry, TEST_CONFIG: join(live, 'pulsar.config.mjs') }
  inEnvironment(live, 'python', ['manage.py', 'collectstatic', '--no-input'], env)
  inEnvironment(live, 'python', ['manage.py', 'test', '--pattern', 'live_tests.py', '--no-input'], env)
})

test('every example in Python has a test of its own', { skip: withoutPython() }, () => {
  const examples = join(projectRoot, 'examples')
  const inPython = readdirSync(examples).filter((name) => !name.includes('.')
    && readdirSync(join(examples, name), { recursive: true }).some((path) => String(path).endsWith('.py')))
  const tests = readdirSync(join(projectRoot, 'test', 'examples'))
  // That of all kinds side by side is tested with the frameworks of Node.
  assert.deepEqual(inPython.filter((name) => name !== 'together' && !tests.includes(`${name}.test.ts`)), [])
})

test('the server stops in order, and has logged nothing but what these tests have provoked', { skip }, async () => {
  assert.equal((await get(server.address, '/')).status, 400)
  await stopQuietly(server, /DisallowedHost|Invalid HTTP_HOST|Bad Request|Forbidden|Not Found|Unprocessable|Traceback|Python worker \d+: {3}/)
})
