/** Nothing of a server that was killed stays behind. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { PREFIX, removeLeftovers } from '../../src/python/leftovers.ts'
import { pythonPlace, startPython, withoutPython3 } from '../support/python-server.ts'
import { eventually, isRunning } from '../support/workers.ts'

const directories: string[] = []
after(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }) })

/** For temporary files of one test alone. */
function base(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-left-'))
  directories.push(directory)
  return directory
}

const left = (directory: string): string[] => readdirSync(directory).filter((name) => name.startsWith(PREFIX))

/** A directory as a killed server leaves it: a socket on which nobody listens. Python makes it, since Node removes its own. */
function leave(directory: string, name: string): string {
  const own = join(directory, name)
  mkdirSync(own, { mode: 0o700 })
  const path = join(own, 'wire')
  const { status } = spawnSync('python3', ['-c', 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])', path])
  assert.equal(status, 0)
  writeFileSync(join(own, 'body-1'), 'left')
  grow(path)
  return own
}

/** A minute passes. */
const grow = (path: string): void => utimesSync(path, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000))

suite('what a killed server leaves', { skip: withoutPython3 }, () => {
  test('is removed by its Python template, when that finds it gone', async () => {
    const TMPDIR = base()
    const server = await startPython(['-w', '2', '--preload', 'faults:application'], { cwd: pythonPlace(), env: { TMPDIR } })
    const [worker] = server.children()
    const pythons = server.pythons()
    assert.deepEqual([pythons.length, left(TMPDIR).length], [1, 1])
    // First the one that has them: without its arbiter it would stop in order.
    process.kill(worker as number, 'SIGKILL')
    process.kill(server.pid, 'SIGKILL')
    await eventually(() => !pythons.some(isRunning), () => 'the end of the Python template')
    assert.deepEqual(left(TMPDIR), [])
  })

  test('is left alone while the server lives, though one of its workers is gone', async () => {
    const TMPDIR = base()
    const server = await startPython(['-w', '2', 'faults:application'], { cwd: pythonPlace(), env: { TMPDIR } })
    await server.status('/garbage')
    await server.until(/is ready, process/, 3)
    assert.equal(left(TMPDIR).length, 1)
    assert.equal(await server.status('/'), 200)
    await server.stop()
    assert.deepEqual(left(TMPDIR), [])
  })

  test('is removed by the next server where the workers were killed as well', async () => {
    const TMPDIR = base()
    const old = leave(TMPDIR, `${PREFIX}abcdef`)
    const server = await startPython(['faults:application'], { cwd: pythonPlace(), env: { TMPDIR } })
    await eventually(() => !existsSync(old), () => `the end of ${old}`)
    assert.equal(left(TMPDIR).length, 1, 'its own')
    assert.equal(await server.status('/'), 200)
    await server.stop()
  })

  test('is told from what is not left, and from what is not ours', async () => {
    const directory = base()
    const gone = leave(directory, `${PREFIX}gone00`)
    const kept = [`${PREFIX}toolong`, 'other-abcdef', `${PREFIX}public`, `${PREFIX}young0`].map((name) => leave(directory, name))
    chmodSync(join(directory, `${PREFIX}public`), 0o755)
    utimesSync(join(directory, `${PREFIX}young0`, 'wire'), new Date(), new Date())
    mkdirSync(join(directory, `${PREFIX}empty0`), { mode: 0o700 })
    writeFileSync(join(directory, `${PREFIX}file00`), '')
    const live = join(directory, `${PREFIX}live00`)
    mkdirSync(live, { mode: 0o700 })
    const server = createServer((socket) => socket.destroy()).listen(join(live, 'wire'))
    await once(server, 'listening')
    grow(join(live, 'wire'))
    await removeLeftovers(directory, 'wire')
    assert.equal(existsSync(gone), false)
    for (const path of [...kept, live, join(directory, `${PREFIX}empty0`), join(directory, `${PREFIX}file00`)]) assert.equal(existsSync(path), true, path)
    server.close()
  })
})
