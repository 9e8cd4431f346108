import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { WSGIServer } from '../../src/app/wsgi-server.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { python } from '../../src/python/index.ts'
import { get } from '../support/raw-client.ts'
import { pythonPlace, withoutPython3 } from '../support/python-server.ts'
import { runCommand } from '../support/start-command.ts'
import { projectRoot } from '../support/project.ts'
import { eventually, isRunning } from '../support/workers.ts'

const SHOW = `import json, os
def app(environ, start_response):
    shown = {key: value for key, value in environ.items() if isinstance(value, (str, int, float, list, dict, tuple)) or value is None}
    shown['pid'] = os.getpid()
    shown['EXTRA'] = os.environ.get('EXTRA')
    start_response('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps(shown).encode()]
`

const place = (): string => {
  const cwd = pythonPlace()
  writeFileSync(join(cwd, 'show.py'), SHOW)
  return cwd
}

async function served<T>(callable: WSGIApplication, use: (address: string) => Promise<T>): Promise<T> {
  const server = new WSGIServer(callable, { loadConfig: false, bind: '127.0.0.1:0', logLevel: 'none' })
  await server.start()
  try {
    const [address] = server.addresses
    return await use(`http://127.0.0.1:${address?.kind === 'tcp' ? address.port : 0}`)
  } finally {
    await server.close()
  }
}

const shown = async (address: string, path: string): Promise<Record<string, unknown>> =>
  JSON.parse((await get(address, path)).body.toString()) as Record<string, unknown>

suite('python()', { skip: withoutPython3 }, () => {
  test('a Python application is served like one of TypeScript, and its processes end with the server', async () => {
    const application = python('show:app', { cwd: place(), workers: 2, threads: 2, env: { EXTRA: 'added' } })
    const pid = await served(application, async (address) => {
      const environ = await shown(address, '/a%20b?c=d')
      assert.equal(environ['PATH_INFO'], '/a b')
      assert.equal(environ['wsgi.multithread'], true)
      assert.equal(environ['wsgi.multiprocess'], true)
      assert.equal(environ['EXTRA'], 'added')
      assert.deepEqual(environ['wsgi.version'], [1, 0])
      return Number(environ['pid'])
    })
    await eventually(() => !isRunning(pid), () => 'the end of the process')
  })

  test('a server may be closed and another started with the same application', async () => {
    const application = python('show:app', { cwd: place() })
    const first = await served(application, (address) => shown(address, '/'))
    const second = await served(application, (address) => shown(address, '/'))
    assert.notEqual(first['pid'], second['pid'])
  })

  test('middleware of TypeScript adds what Python sees, and the prefix that it takes off', async () => {
    const inner = python('show:app', { cwd: place() })
    const wrapped: WSGIApplication = (environ, startResponse) => {
      if (!environ.PATH_INFO.startsWith('/below/')) {
        startResponse('404 Not Found', [])
        return []
      }
      return inner({
        ...environ, SCRIPT_NAME: `${environ.SCRIPT_NAME}/below`, PATH_INFO: environ.PATH_INFO.slice(6), REMOTE_USER: 'ann',
        'my.value': { list: [1, 2.5, null, 'é€'] },
      }, startResponse)
    }
    await served(wrapped, async (address) => {
      const environ = await shown(address, '/below/x')
      assert.deepEqual([environ['SCRIPT_NAME'], environ['PATH_INFO'], environ['REMOTE_USER']], ['/below', '/x', 'ann'])
      assert.deepEqual(environ['my.value'], { list: [1, 2.5, null, 'é€'] })
      assert.equal((await get(address, '/other')).status, 404)
    })
  })

  test('an application that cannot be loaded keeps the server from starting', async () => {
    const application = python('show:nothing', { cwd: place() })
    await assert.rejects(served(application, async () => undefined), /show:nothing cannot be loaded/)
    await assert.rejects(served(python('show:app', { cwd: place(), venv: '/nowhere' }), async () => undefined), /venv of python\(\) \/nowhere: there is no \/nowhere/)
  })

  test('without a server the processes start with the first call, and the program ends by itself', async () => {
    const cwd = place()
    const script = join(projectRoot, 'build', `python-alone-${process.pid}.mjs`)
    writeFileSync(script, `import { python } from 'pulsar-wsgi/python'
      import { inject } from 'pulsar-wsgi/testing'
      const { body } = await inject(python('show:app', { cwd: ${JSON.stringify(cwd)} }), { path: '/x' })
      console.log(JSON.parse(Buffer.from(body).toString()).PATH_INFO)`)
    const { code, stdout, stderr } = await runCommand([script], { program: [process.execPath], env: { VIRTUAL_ENV: undefined } })
    assert.deepEqual([code, stdout], [0, '/x\n'], stderr)
  })
})
