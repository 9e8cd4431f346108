import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { pythonPlace, startPython, withoutPython3 } from '../support/python-server.ts'
import { get, request, valuesOf } from '../support/raw-client.ts'

const APP = `from urllib.parse import unquote
def app(environ, start_response):
    field = 'X-Sendfile' if environ['PATH_INFO'] == '/x' else 'X-Accel-Redirect'
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '4'), (field, unquote(environ['QUERY_STRING']))])
    return [b'body']
`

function place(): string {
  const cwd = pythonPlace()
  writeFileSync(join(cwd, 'names.py'), APP)
  writeFileSync(join(cwd, 'secret.txt'), 'secret')
  mkdirSync(join(cwd, 'files', 'deep'), { recursive: true })
  mkdirSync(join(cwd, 'files-not'))
  writeFileSync(join(cwd, 'files-not', 'a.txt'), 'secret')
  writeFileSync(join(cwd, 'files', 'deep', 'a b.txt'), '0123456789')
  symlinkSync('../secret.txt', join(cwd, 'files', 'link.txt'))
  symlinkSync('deep/a b.txt', join(cwd, 'files', 'inside.txt'))
  return cwd
}

suite('files that a Python application names', { skip: withoutPython3 }, () => {
  test('X-Sendfile and X-Accel-Redirect are answered with files below --sendfile-root, with ranges, and with no others', async () => {
    const cwd = place()
    const server = await startPython(['--sendfile-root', 'files', 'names:app'], { cwd })
    for (const path of [`/x?${join(cwd, 'files/deep/a%20b.txt')}`, '/x?deep/a%20b.txt', '/x?inside.txt', '/a?/deep/a%2520b.txt', '/a?deep/a%20b.txt']) {
      const { status, body, fields } = await get(server.address, path)
      assert.deepEqual([status, body.toString()], [200, '0123456789'], path)
      assert.deepEqual(fields.filter(([name]) => /sendfile|accel/i.test(name)), [])
    }
    const part = await request(server.address, 'GET /x?inside.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=2-3\r\nConnection: close\r\n\r\n')
    assert.deepEqual([part.status, part.body.toString(), valuesOf(part, 'content-range')], [206, '23', ['bytes 2-3/10']])
    const outside = [`/x?${join(cwd, 'secret.txt')}`, '/x?../secret.txt', '/x?link.txt', '/a?/../secret.txt', '/a?%252e%252e/secret.txt',
      '/x?../files-not/a.txt', '/x?nothing.txt', '/x?deep', '/x?.']
    for (const path of outside) {
      const { status, body } = await get(server.address, path)
      assert.equal(status, 404, path)
      assert.doesNotMatch(body.toString(), /secret|body/)
    }
    await server.until(/which is no file below/)
    await server.stop()
  })

  test('without --sendfile-root they are fields like others', async () => {
    const server = await startPython(['names:app'], { cwd: place() })
    const answer = await get(server.address, '/x?inside.txt')
    assert.deepEqual([answer.status, answer.body.toString(), valuesOf(answer, 'x-sendfile')], [200, 'body', ['inside.txt']])
    await server.stop()
  })

  test('who connects to the workers\' socket without being one is closed, and told of', async () => {
    const cwd = pythonPlace()
    const directories = (): string[] => readdirSync(cwd).filter((name) => name.startsWith('pulsar-'))
    const server = await startPython(['faults:application'], { cwd, env: { TMPDIR: cwd } })
    assert.equal(directories().length, 1)
    assert.equal(statSync(join(cwd, directories()[0] as string)).mode & 0o777, 0o700)
    const socket = connect(join(cwd, directories()[0] as string, 'wire'))
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await once(socket.resume(), 'close')
    await server.until(/a connection to the Python workers' socket was closed: it did not say HELLO/)
    assert.equal(await server.body('/'), 'hello')
    await server.stop()
    assert.deepEqual(directories(), [])
  })
})
