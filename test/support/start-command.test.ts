import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { get } from './raw-client.ts'
import { runCommand, startCommand } from './start-command.ts'

const server = `
  require('node:http').createServer((_, answer) => answer.end('ok')).listen(0, '127.0.0.1', function () {
    console.error(JSON.stringify({ level: 30, msg: 'serving on http://127.0.0.1:' + this.address().port }))
  })`
const node = (script: string): { program: string[] } => ({ program: [process.execPath, '-e', script] })

test('a command is started, reached by the address it printed, and stopped', async () => {
  const command = await startCommand([], node(server))
  assert.equal((await get(command.address)).body.toString(), 'ok')
  const { signal } = await command.stop()
  assert.equal(signal, 'SIGTERM')
})

test('a command that ends without an address is an error with its output', async () => {
  await assert.rejects(startCommand([], node('console.error("no luck"); process.exitCode = 3')), /ended with 3[^]*no luck/)
})

test('a command is run to its end with its arguments and output', async () => {
  const ended = await runCommand(['a b'], node('console.log(process.argv[1]); process.exitCode = 2'))
  assert.deepEqual({ code: ended.code, stdout: ended.stdout }, { code: 2, stdout: 'a b\n' })
})

test('what a command started ends with it', { skip: process.platform !== 'linux' && 'looks into /proc' }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pulsar-group-'))
  try {
    const file = join(dir, 'pid')
    const grandchild = `
      const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
      require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid))
      ${server}`
    const command = await startCommand([], node(grandchild))
    assert.ok(existsSync(file))
    const pid = Number(readFileSync(file, 'utf8'))
    await command.stop('SIGKILL')
    while (isRunning(pid)) await delay(10)
    assert.equal(isRunning(pid), false)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

/** A zombie that nobody has reaped yet has ended too. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
