/** The file of a unix socket, of servers that are started and end as they do. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandEntry } from '../support/project.ts'
import { get } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { eventually, isRunning, startWorkers, workplace, type Workers } from '../support/workers.ts'

const withoutCurl = spawnSync('curl', ['--version']).status !== 0 && 'there is no curl'
const cwd = workplace()
writeFileSync(join(cwd, 'address.mjs'), `export default (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('<' + environ.REMOTE_ADDR + '>')]
}`)
const statusAt = async (path: string): Promise<number> => (await get(`unix:${path}`, '/')).status
const serve = (path: string, ...args: string[]): Promise<Workers> => startWorkers(['-b', `unix:${path}`, ...args, 'app.mjs'], { cwd, bind: [] })

for (const workers of ['0', '1'] as const) {
  const way = workers === '0' ? 'alone' : 'with a worker'

  test(`${way}: umask makes its mode`, async () => {
    const path = join(cwd, `mode${workers}.sock`)
    for (const [umask, mode] of [['077', 0o700], ['007', 0o770], ['0', 0o777]] as const) {
      const server = await serve(path, '-w', workers, '--umask', umask)
      assert.equal(statSync(path).mode & 0o777, mode, umask)
      assert.equal(await statusAt(path), 200)
      await server.stop()
      assert.equal(existsSync(path), false, 'it is removed at the end')
    }
  })

  test(`${way}: one that a killed server has left is replaced, one of a live server is refused and goes on`, async () => {
    const path = join(cwd, `left${workers}.sock`)
    const killed = await serve(path, '-w', workers)
    const [child] = killed.children()
    killed.process.kill('SIGKILL')
    await killed.ended
    await eventually(() => child === undefined || !isRunning(child), () => 'the end of the worker')
    assert.ok(statSync(path).isSocket(), 'the file is left')
    const server = await serve(path, '-w', workers)
    assert.equal(await statusAt(path), 200)
    const { code, stderr } = await runCommand([commandEntry, '-b', `unix:${path}`, '-w', workers, 'app.mjs'], { cwd, program: [process.execPath] })
    assert.notEqual(code, 0)
    assert.match(stderr, /cannot listen on unix:.*the address is in use/)
    assert.equal(await statusAt(path), 200)
    await server.stop()
  })

  test(`${way}: who connects has no address, and is believed in nothing unless \`unix\` is named`, { skip: withoutCurl }, async () => {
    const path = join(cwd, `believed${workers}.sock`)
    for (const [args, address] of [[[], ''], [['--forwarded-allow-ips', 'unix'], '203.0.113.9']] as const) {
      const server = await startWorkers(['-b', `unix:${path}`, '-w', workers, ...args, 'address.mjs'], { cwd, bind: [] })
      const { status, stdout } = spawnSync('curl', ['-s', '--unix-socket', path, '-H', 'X-Forwarded-For: 203.0.113.9', 'http://shop.example/'], { encoding: 'utf8' })
      assert.deepEqual([status, stdout], [0, `<${address}>`])
      await server.stop()
    }
  })

  test(`${way}: a file that is no socket is left as it is`, async () => {
    const path = join(cwd, `plain${workers}.txt`)
    writeFileSync(path, 'kept')
    const { code, stderr } = await runCommand([commandEntry, '-b', `unix:${path}`, '-w', workers, 'app.mjs'], { cwd, program: [process.execPath] })
    assert.notEqual(code, 0)
    assert.equal(stderr, `pulsar: cannot listen on unix:${path}: there is a file of that name, which is no socket\n`)
    assert.equal(statSync(path).isFile() && statSync(path).size, 4)
  })

  test(`${way}: a directory that is missing, and a path that is too long, are said to be`, async () => {
    const told = async (path: string): Promise<string> =>
      (await runCommand([commandEntry, '-b', `unix:${path}`, '-w', workers, 'app.mjs'], { cwd, program: [process.execPath] })).stderr
    assert.equal(await told('none/app.sock'), 'pulsar: cannot listen on unix:none/app.sock: its directory does not exist\n')
    assert.match(await told('x'.repeat(108)), /^pulsar: bind \(command line\): expected .*a PATH of at most 107 bytes; got /)
  })
}
