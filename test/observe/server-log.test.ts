import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { commandEntry } from '../support/project.ts'
import { request } from '../support/raw-client.ts'
import { eventually, workplace } from '../support/workers.ts'

test('a full disk under the log takes neither a request nor the server down', { skip: !existsSync('/dev/full') && 'no /dev/full' }, async () => {
  const cwd = workplace()
  const path = join(cwd, 'app.sock')
  const server = spawn(process.execPath, [commandEntry, '-w', '0', '-b', 'unix:app.sock', '--log-file', '/dev/full', 'app.mjs'], { cwd, stdio: 'ignore' })
  after(() => { server.kill('SIGKILL') })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  // Nothing of it can be logged.
  await eventually(() => request({ path }, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n').then(({ status }) => status === 200, () => false), () => 'the server')
  for (let i = 0; i < 5; i++) {
    assert.equal((await request({ path }, 'GET / HTTP/1.1\r\n\r\n')).status, 400)
    assert.equal((await request({ path }, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n')).status, 200)
  }
  server.kill('SIGUSR1')
  assert.equal((await request({ path }, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n')).status, 200)
  server.kill('SIGTERM')
  assert.equal(await ended, 0)
})
