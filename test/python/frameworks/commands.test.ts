/** Flask and Django, the real packages, each by one command from a folder with a virtual environment. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { frameworkFolder, inEnvironment, serveIn, stopQuietly } from '../../support/frameworks.ts'
import { projectRoot } from '../../support/project.ts'
import { pythonEnvironment, withoutPython } from '../../support/python-environment.ts'
import { get, request, valuesOf } from '../../support/raw-client.ts'
import { startCommand } from '../../support/start-command.ts'

const skip = withoutPython()
const hello = `
from flask import Flask
app = Flask(__name__)

@app.get('/')
def hello():
    return 'Hello World!'
`

test('Flask is served by one command, with the virtual environment of the folder', { skip }, async () => {
  const directory = frameworkFolder()
  writeFileSync(join(directory, 'flaskapp.py'), hello)
  const server = await serveIn(directory, 'flaskapp:app')
  assert.match(server.stderr(), /3\.\d+\.\d+/, 'the log tells the version of Python')
  assert.equal((await get(server.address)).body.toString(), 'Hello World!')
  assert.equal((await get(server.address, '/nowhere')).status, 404)
  await stopQuietly(server)
})

test('a factory is called: app:create_app()', { skip }, async () => {
  const directory = frameworkFolder()
  writeFileSync(join(directory, 'app.py'), `
from flask import Flask

def create_app(greeting='Hello'):
    app = Flask(__name__)
    app.add_url_rule('/', view_func=lambda: greeting)
    return app
`)
  const server = await serveIn(directory, 'app:create_app("Good day")')
  assert.equal((await get(server.address)).body.toString(), 'Good day')
  await stopQuietly(server)
})

test('a project that django-admin made is served by one command', { skip }, async () => {
  const directory = frameworkFolder()
  inEnvironment(directory, 'python', ['-m', 'django', 'startproject', 'mysite', '.'])
  const server = await serveIn(directory, 'mysite.wsgi:application')
  const welcome = await request(server.address, `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  assert.equal(welcome.status, 200)
  assert.match(welcome.body.toString(), /<title>The install worked successfully!/)
  assert.match(valuesOf(welcome, 'content-type').join(), /^text\/html/)
  const admin = await request(server.address, `GET /admin/?a=b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  assert.deepEqual([admin.status, valuesOf(admin, 'location')], [302, ['/admin/login/?next=/admin/%3Fa%3Db']])
  await stopQuietly(server)
})

test('an activated environment, and --python, are taken before that of the folder', { skip }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-framework-'))
  after(() => { rmSync(directory, { recursive: true, force: true }) })
  writeFileSync(join(directory, 'flaskapp.py'), hello)
  const args = ['-b', '127.0.0.1:0', 'flaskapp:app']
  const activated = await startCommand(args, { cwd: directory, env: { VIRTUAL_ENV: pythonEnvironment().directory } })
  assert.equal((await get(activated.address)).body.toString(), 'Hello World!')
  await stopQuietly(activated)
  const named = await serveIn(directory, '--python', pythonEnvironment().python, 'flaskapp:app')
  assert.equal((await get(named.address)).body.toString(), 'Hello World!')
  await stopQuietly(named)
})

test('the first commands of README.md serve what they name', { skip }, async () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8')
  const [, block = ''] = /^```sh\n([^]*?)^```$/m.exec(readme) ?? []
  const commands = block.trim().split('\n').map((line) => line.replace(/^npx pulsar-wsgi (.*?) *#.*$/, '$1').split(' '))
  // Below the project, so that the package's name leads to its own build.
  const directory = mkdtempSync(join(projectRoot, 'build', 'readme-python-'))
  after(() => { rmSync(directory, { recursive: true, force: true }) })
  writeFileSync(join(directory, 'flaskapp.py'), hello)
  copyFileSync(join(projectRoot, 'examples', 'hello.ts'), join(directory, 'hello.ts'))
  writeFileSync(join(directory, 'app.ts'), "import express from 'express'\nexport default express().get('/', (req, res) => { res.send('Hello Express!') })\n")
  const python = pythonEnvironment().python
  inFolder(directory, python, ['-m', 'django', 'startproject', 'mysite', '.'])
  const expected: readonly (readonly [path: string, body: RegExp])[][] = [
    [['/', /^Hello World!$/]],
    [['/', /The install worked successfully!/]],
    [['/', /^Hello Express!$/]],
    [['/', /^Hello World!$/], ['/hello', /^Hello World!$/], ['/nowhere', /Not Found/]],
  ]
  assert.equal(commands.length, expected.length)
  for (const [index, command] of commands.entries()) {
    const server = await serveIn(directory, '--python', python, ...command)
    for (const [path, body] of expected[index] ?? []) {
      const answer = await request(server.address, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
      assert.match(answer.body.toString(), body)
    }
    assert.equal((await server.stop()).code, 0)
  }
})

function inFolder(cwd: string, program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}
