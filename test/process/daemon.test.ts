import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandEntry } from '../support/project.ts'
import { get } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { eventually, isRunning, startWorkers, workplace } from '../support/workers.ts'

const cwd = workplace()
const asRoot = process.getuid?.() === 0

test('a daemon serves when its command ends, and TERM to the process of its pid file ends it', async () => {
  const { code, stdout, stderr } = await runCommand(['-D', '-w', '1', '-b', '127.0.0.1:0', '-p', 'd.pid', '--log-file', 'd.log', 'app.mjs'], { cwd })
  assert.deepEqual([code, stdout, stderr], [0, '', ''])
  const pid = Number(readFileSync(join(cwd, 'd.pid'), 'utf8'))
  const address = /serving on (http:[^"]+)"/.exec(readFileSync(join(cwd, 'd.log'), 'utf8'))?.[1] as string
  assert.equal((await get(address, '/')).body.toString(), 'hello')
  process.kill(pid, 'SIGTERM')
  await eventually(() => !isRunning(pid), () => 'the end of the daemon')
  assert.equal(existsSync(join(cwd, 'd.pid')), false)
})

test('a daemon that cannot start is told by its command, with the status', async () => {
  writeFileSync(join(cwd, 'bad.mjs'), 'throw new Error("no database")')
  const { code, stderr } = await runCommand(['-D', '-w', '1', '-b', '127.0.0.1:0', '--log-file', 'd2.log', 'bad.mjs'], { cwd })
  assert.match(stderr, /^pulsar: bad\.mjs cannot be loaded: no database\n/)
  assert.equal(code, 3)
})

for (const workers of ['0', '1']) {
  test(`a pid file of a running server is respected; a stale one is replaced, also where its number is in use again (-w ${workers})`, async () => {
    const server = await startWorkers(['-w', workers, '-p', 'one.pid', 'app.mjs'], { cwd })
    const second = await runCommand(['-w', workers, '-b', '127.0.0.1:0', '-p', 'one.pid', 'app.mjs'], { cwd })
    assert.equal(second.stderr, `pulsar: the pid file ${join(cwd, 'one.pid')} is held: process ${server.pid} is running\n`)
    assert.equal(second.code, 1)
    assert.equal(Number(readFileSync(join(cwd, 'one.pid'), 'utf8')), server.pid)
    await server.stop()
    assert.equal(existsSync(join(cwd, 'one.pid')), false)
    const other = spawn('sleep', ['30'])
    for (const stale of [999_999_99, other.pid as number]) {
      writeFileSync(join(cwd, 'one.pid'), `${stale}\n`)
      const next = await startWorkers(['-w', workers, '-p', 'one.pid', 'app.mjs'], { cwd })
      assert.equal(Number(readFileSync(join(cwd, 'one.pid'), 'utf8')), next.pid)
      await next.stop()
    }
    other.kill()
  })

  test(`a file that cannot be written, and a directory that is not there, are named (-w ${workers})`, async () => {
    const wrong: readonly (readonly [string[], number, RegExp])[] = [
      [['--log-file', 'none/a.log'], 1, /^pulsar: the log file cannot be opened: ENOENT: .*none\/a\.log'\n$/],
      [['--access-log', 'none/a.log'], 1, /^pulsar: the access log cannot be opened: ENOENT: .*none\/a\.log'\n$/],
      [['--pid', 'none/a.pid'], 1, /^pulsar: the pid file cannot be written: ENOENT: .*none\/a\.pid/m],
      [['-D', '--log-file', 'none/a.log'], 1, /^pulsar: the log file cannot be opened: ENOENT: .*none\/a\.log'\n$/],
      [['--static', '/files=none'], 2, /^pulsar: static: \/files=none: there is no directory .*\/none\n$/],
      [['--static', '/files=app.mjs', '--check-config'], 2, /^pulsar: static: \/files=app\.mjs: there is no directory .*\/app\.mjs\n$/],
    ]
    for (const [args, status, said] of wrong) {
      const { code, stderr } = await runCommand(['-w', workers, '-b', '127.0.0.1:0', '--log-format', 'json', ...args, 'app.mjs'], { cwd })
      assert.match(stderr, said)
      assert.equal(code, status)
    }
  })
}

test('workers run as the user and the group asked for, with the user\'s groups; sockets were bound before', { skip: !asRoot && 'only root may become another user' }, async () => {
  chmodSync(cwd, 0o755)
  const path = join(cwd, 'user.sock')
  const server = await startWorkers(['-w', '1', '-u', 'nobody', '-b', `unix:${path}`, '--umask', '007', 'app.mjs'], { cwd })
  const { uid, gid, groups } = JSON.parse(await server.body('/id')) as { uid: number, gid: number, groups: number[] }
  const file = statSync(path)
  assert.notEqual(uid, 0)
  assert.deepEqual([file.uid, file.gid, file.mode & 0o777], [uid, gid, 0o770])
  assert.ok(!groups.includes(0) && gid !== 0, JSON.stringify(groups))
  await server.stop()
  const grouped = await startWorkers(['-w', '1', '-u', 'nobody', '-g', 'daemon', 'app.mjs'], { cwd })
  const other = JSON.parse(await grouped.body('/id')) as { uid: number, gid: number }
  assert.equal(other.uid, uid)
  assert.notEqual(other.gid, gid)
  await grouped.stop()
})

test('a user that may not be become is one line', { skip: !asRoot && 'needs root to be somebody else first' }, async () => {
  const { code, stderr } = await runCommand([commandEntry, '-w', '1', '-b', '127.0.0.1:0', '-u', 'root', 'app.mjs'], {
    cwd, program: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath],
  })
  assert.match(stderr, /^pulsar: only root may become user root, group \d+\n$/)
  assert.equal(code, 1)
})

test('systemd\'s sockets are served instead of the address, also by a new arbiter, and its reports are sent', async (t) => {
  const bin = join(cwd, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${join(cwd, 'notified')}\n`, { mode: 0o755 })
  const listener = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => listener.once('listening', resolve))
  const { port } = listener.address() as AddressInfo
  const { fd } = (listener as unknown as { _handle: { fd: number } })._handle
  // As systemd does it: the socket is descriptor 3, and the variables name the process.
  const child = spawn('sh', ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'sh', process.execPath, commandEntry, '-w', '1', '-b', '127.0.0.1:1', 'app.mjs'], {
    cwd, stdio: ['ignore', 'ignore', 'pipe', fd], env: { ...process.env, NOTIFY_SOCKET: '/nowhere', PATH: `${bin}:${process.env.PATH}` },
  })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { log += text })
  await eventually(() => log.includes('serving on'), () => log)
  listener.close()
  assert.equal((await get(port, '/')).body.toString(), 'hello')
  child.kill('SIGHUP')
  await eventually(() => log.includes('reloaded'), () => log)
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGUSR2')
  await exited
  const successor = Number(/the new arbiter \(process (\d+)\) serves/.exec(log)?.[1] ?? assert.fail(log))
  t.after(() => { if (isRunning(successor)) process.kill(successor, 'SIGKILL') })
  assert.equal((await get(port, '/')).body.toString(), 'hello')
  process.kill(successor, 'SIGTERM')
  await eventually(() => !isRunning(successor), () => log)
  const reports = readFileSync(join(cwd, 'notified'), 'utf8').trim().split('\n')
  const main = `--pid=${child.pid}`
  assert.deepEqual(reports.map((line) => line.replace(/=\d{6,}/, '=N')), [`--ready ${main}`, `RELOADING=1 MONOTONIC_USEC=N ${main}`, `--ready ${main}`,
    `--ready --pid=${successor}`, `STOPPING=1 --pid=${successor}`])
})
