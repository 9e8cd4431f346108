import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { runCommand } from '../support/start-command.ts'
import { startWorkers, workplace, type Workers } from '../support/workers.ts'

const cwd = workplace()
writeCertificate(cwd, 'server', makeCertificate({ name: 'localhost' }))
const secure = ['--cert-file', 'server.pem', '--key-file', 'server.key']
const admin = ['--admin', '127.0.0.1:0']

/** The process sends itself the signal while it writes the line: no other could be sooner. */
function early(signal: NodeJS.Signals, at: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--require ${join(cwd, 'signal-itself.cjs')}`, SIGNAL: signal, SIGNAL_AT: at }
}

const shapes = [['0', 'serving on'], ['0', 'admin server on'], ['1', 'serving on'], ['1', 'admin server on']] as const
for (const [workers, at] of shapes) {
  const args = ['-w', workers, '-b', '127.0.0.1:0', '--log-format', 'json', ...admin]
  const start = (signal: NodeJS.Signals, ...more: string[]): Promise<Workers> => startWorkers([...args, ...more, 'app.mjs'], { cwd, bind: [], env: early(signal, at) })

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
    test(`${signal} with the line "${at}" stops a server with -w ${workers}, with status 0`, async () => {
      const { code, signal: killedBy, stderr } = await runCommand([...args, 'app.mjs'], { cwd, env: early(signal, at) })
      assert.deepEqual([code, killedBy], [0, null], stderr)
      assert.match(stderr, new RegExp(at))
      assert.doesNotMatch(stderr, /"level":"error"/)
    })
  }

  test(`USR1 with the line "${at}" leaves a server with -w ${workers} as it is, and opens no debugger`, async () => {
    const server = await start('SIGUSR1')
    assert.equal(await server.body('/'), 'hello')
    const { code, stderr } = await server.stop()
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, /Debugger/)
  })

  test(`HUP with the line "${at}" is not lost by a server with -w ${workers} and TLS`, async () => {
    const server = await start('SIGHUP', ...secure)
    await server.until(workers === '0' ? /certificates are read anew/ : /reloaded: 1 new workers serve/)
    assert.equal((await server.stop()).code, 0)
  })
}

test('a server that is told to stop before it listens ends at once, and leaves nothing of what it needs', async () => {
  writeFileSync(join(cwd, 'never.py'), 'import time\ntime.sleep(600)\n')
  const args = ['-w', '0', '-b', '127.0.0.1:0', ...admin, 'never:app']
  const { code, signal, stderr } = await runCommand(args, { cwd, env: early('SIGTERM', 'admin server on') })
  assert.deepEqual([code, signal], [0, null], stderr)
  assert.doesNotMatch(stderr, /serving on/)
})

test('a script that cannot listen gives the signals back', async () => {
  const library = new URL('../../../dist/index.js', import.meta.url).href
  writeFileSync(join(cwd, 'occupied.mjs'), `
    import { createServer } from 'node:net'
    import { WSGIServer } from ${JSON.stringify(library)}
    import app from './app.mjs'
    const other = createServer().listen(0, '127.0.0.1', async () => {
      for (const workers of [0, 1]) {
        const server = new WSGIServer(app, { workers, bind: '127.0.0.1:' + other.address().port })
        await server.start().catch((error) => console.log(error.code))
      }
      process.kill(process.pid, 'SIGINT')
    })`)
  const { signal, stdout, stderr } = await runCommand([], { cwd, program: [process.execPath, 'occupied.mjs'] })
  assert.equal(stdout, 'EADDRINUSE\nEADDRINUSE\n', stderr)
  assert.equal(signal, 'SIGINT')
})
