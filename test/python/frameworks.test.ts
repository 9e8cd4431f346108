/** Flask and Django, the real packages, each by one command from a folder with a virtual environment. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { pythonEnvironment, withoutPython } from '../support/python-environment.ts'
import { get, request, valuesOf } from '../support/raw-client.ts'
import { startCommand, type RunningCommand } from '../support/start-command.ts'

const skip = withoutPython()
const directories: string[] = []
after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })

/** An empty folder with `.venv` in it. */
function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-framework-'))
  directories.push(directory)
  symlinkSync(pythonEnvironment().directory, join(directory, '.venv'))
  return directory
}

/** As a user who has activated nothing. */
function serve(cwd: string, ...args: string[]): Promise<RunningCommand> {
  return startCommand(['-b', '127.0.0.1:0', ...args], { cwd, env: { VIRTUAL_ENV: undefined } })
}

async function stopped(server: RunningCommand): Promise<void> {
  const { code, stderr } = await server.stop()
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /"level":"(?:warning|error|critical)"|Traceback/)
}

test('Flask is served by one command, with the virtual environment of the folder', { skip }, async () => {
  const directory = folder()
  writeFileSync(join(directory, 'flaskapp.py'), `
from flask import Flask, request, stream_with_context
app = Flask(__name__)

@app.get('/')
def hello():
    return 'Hello World!'

@app.post('/form')
def form():
    return {'name': request.form['name'], 'files': [(name, len(file.read())) for name, file in request.files.items()]}

@app.get('/stream')
def stream():
    return app.response_class(stream_with_context(str(i) + request.args['end'] for i in range(3)), mimetype='text/plain')
`)
  const server = await serve(directory, 'flaskapp:app')
  assert.match(server.stderr(), /3\.\d+\.\d+/, 'the log tells the version of Python')
  assert.equal((await get(server.address)).body.toString(), 'Hello World!')
  assert.equal((await get(server.address, '/nowhere')).status, 404)
  assert.equal((await get(server.address, '/stream?end=%21')).body.toString(), '0!1!2!')
  const body = '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\ncaf\xc3\xa9\r\n'
    + '--b\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\n12345\r\n--b--\r\n'
  const posted = await request(server.address,
    `POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'POST')
  assert.deepEqual(JSON.parse(posted.body.toString()), { name: 'café', files: [['f', 5]] })
  await stopped(server)
})

test('a factory is called: app:create_app()', { skip }, async () => {
  const directory = folder()
  writeFileSync(join(directory, 'app.py'), `
from flask import Flask

def create_app(greeting='Hello'):
    app = Flask(__name__)
    app.add_url_rule('/', view_func=lambda: greeting)
    return app
`)
  const server = await serve(directory, 'app:create_app("Good day")')
  assert.equal((await get(server.address)).body.toString(), 'Good day')
  await stopped(server)
})

test('a project that django-admin made is served by one command', { skip }, async () => {
  const directory = folder()
  const made = spawnSync(join(directory, '.venv', 'bin', 'django-admin'), ['startproject', 'mysite', '.'], { cwd: directory, encoding: 'utf8' })
  assert.equal(made.status, 0, made.stderr)
  const server = await serve(directory, 'mysite.wsgi:application')
  const welcome = await request(server.address, `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  assert.equal(welcome.status, 200)
  assert.match(welcome.body.toString(), /<title>The install worked successfully!/)
  assert.deepEqual(valuesOf(welcome, 'content-type'), ['text/html; charset=utf-8'])
  const admin = await request(server.address, `GET /admin/?a=b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  assert.deepEqual([admin.status, valuesOf(admin, 'location')], [302, ['/admin/login/?next=/admin/%3Fa%3Db']])
  await stopped(server)
})

const examples = { flask: 'flaskapp:app', django: 'mysite.wsgi:application' }

test('every example in Python is run', () => {
  const withPython = readdirSync(join(projectRoot, 'examples'), { recursive: true }).map(String).filter((path) => path.endsWith('.py'))
  assert.deepEqual([...new Set(withPython.map((path) => path.split('/')[0]))].sort(), Object.keys(examples).sort())
})

for (const [name, target] of Object.entries(examples)) {
  test(`examples/${name} is served as its README says, on one worker and on two`, { skip }, async () => {
    const directory = folder()
    cpSync(join(projectRoot, 'examples', name), directory, { recursive: true })
    for (const workers of ['1', '2']) {
      const server = await serve(directory, '-w', workers, target)
      assert.equal((await get(server.address)).body.toString(), 'Hello World!')
      await stopped(server)
    }
  })
}

test('an activated environment, and --python, are taken before that of the folder', { skip }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-framework-'))
  directories.push(directory)
  cpSync(join(projectRoot, 'examples', 'flask'), directory, { recursive: true })
  const args = ['-b', '127.0.0.1:0', 'flaskapp:app']
  const activated = await startCommand(args, { cwd: directory, env: { VIRTUAL_ENV: pythonEnvironment().directory } })
  assert.equal((await get(activated.address)).body.toString(), 'Hello World!')
  await stopped(activated)
  const named = await serve(directory, '--python', pythonEnvironment().python, 'flaskapp:app')
  assert.equal((await get(named.address)).body.toString(), 'Hello World!')
  await stopped(named)
})
