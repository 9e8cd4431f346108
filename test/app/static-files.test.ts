/** `--static`: directories of files in front of an application. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { withoutPython3 } from '../support/python-environment.ts'
import { get, request, valuesOf } from '../support/raw-client.ts'
import { startCommand } from '../support/start-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-static-'))
after(() => { rmSync(directory, { recursive: true, force: true }) })
mkdirSync(join(directory, 'public', 'css'), { recursive: true })
writeFileSync(join(directory, 'public', 'css', 'site.css'), 'body { color: red }')
writeFileSync(join(directory, 'secret.txt'), 'secret')
symlinkSync(join(directory, 'secret.txt'), join(directory, 'public', 'link.txt'))
writeFileSync(join(directory, 'app.py'), `
def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [('app ' + environ['PATH_INFO']).encode()]
`)

for (const workers of ['0', '1']) {
  test(`files are served in front of a Python application, workers: ${workers}`, { skip: withoutPython3() }, async () => {
    const args = ['-w', workers, '-b', '127.0.0.1:0', '--static', '/static=public', 'app:app']
    const server = await startCommand(args, { cwd: directory, env: { VIRTUAL_ENV: undefined } })
    const file = await get(server.address, '/static/css/site.css')
    assert.deepEqual([file.status, file.body.toString(), valuesOf(file, 'content-type')], [200, 'body { color: red }', ['text/css; charset=utf-8']])
    const part = await request(server.address, 'GET /static/css/site.css HTTP/1.1\r\nHost: a\r\nRange: bytes=0-3\r\nConnection: close\r\n\r\n')
    assert.deepEqual([part.status, part.body.toString(), valuesOf(part, 'content-range')], [206, 'body', ['bytes 0-3/19']])
    for (const path of ['/static/link.txt', '/static/nothing', '/static/%2e%2e/secret.txt', '/static/css/../../secret.txt']) {
      assert.equal((await get(server.address, path)).status, 404, path)
    }
    assert.equal((await get(server.address, '/staticx')).body.toString(), 'app /staticx')
    assert.equal((await get(server.address, '/')).body.toString(), 'app /')
    const posted = await request(server.address, 'POST /static/css/site.css HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', 'POST')
    assert.equal(posted.status, 405)
    assert.equal((await server.stop()).code, 0)
  })
}
