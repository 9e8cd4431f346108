/** What is in deploy/ and SECURITY.md is true of the server as it is. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { settingsFrom } from '../../src/config/settings-from.ts'
import { table } from '../../src/config/table.ts'
import { freePort } from '../support/free-port.ts'
import { get, request } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { startWorkers, workplace } from '../support/workers.ts'

const manifest = readFileSync('deploy/kubernetes/deployment.yaml', 'utf8')
const TOKEN = { PULSAR_ADMIN_TOKEN: '0123456789abcdef' }

/** The words of a list of JSON behind a name, without the program. */
function argumentsIn(text: string, name: string): string[] {
  const [, list = ''] = new RegExp(`^ *${name} (\\[.*\\])$`, 'm').exec(text) ?? []
  const [program, ...words] = JSON.parse(list) as string[]
  assert.equal(program, 'node_modules/.bin/pulsar')
  return words
}

function numberIn(text: string, pattern: RegExp): number {
  const [, number] = pattern.exec(text) ?? []
  assert.ok(number !== undefined, String(pattern))
  return Number(number)
}

function placeWithApp(): string {
  const cwd = workplace()
  writeFileSync(join(cwd, 'app.ts'), `export default (environ: object, startResponse: (status: string, fields: string[][]) => void) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from('served')]
  }`)
  return cwd
}

for (const [path, words] of [
  ['deploy/kubernetes/deployment.yaml', argumentsIn(manifest, 'args:')],
  ['deploy/docker/Dockerfile', argumentsIn(readFileSync('deploy/docker/Dockerfile', 'utf8'), 'CMD')],
] as const) {
  test(`${path} starts the server with settings that it has`, async () => {
    const { code, stderr } = await runCommand(['--check-config', ...words], { cwd: placeWithApp(), env: TOKEN })
    assert.equal(code, 0, stderr)
  })
}

test('the image\'s check of its health asks the server that the image starts, and says well only where it serves', async () => {
  const dockerfile = readFileSync('deploy/docker/Dockerfile', 'utf8')
  const [, list = ''] = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(dockerfile) ?? []
  const [, ...check] = JSON.parse(list) as string[]
  const words = argumentsIn(dockerfile, 'CMD')
  const admin = words[words.indexOf('--admin') + 1] as string
  assert.equal(admin, '127.0.0.1:9060')
  // A port that is free, in place of the image's own.
  const port = await freePort()
  const healthy = (): number | null => spawnSync(process.execPath, check.map((word) => word.replace(admin, `127.0.0.1:${port}`))).status
  assert.equal(healthy(), 1)
  const here = words.map((word) => (word === admin ? `127.0.0.1:${port}` : word === ':8060' ? '127.0.0.1:0' : word))
  const server = await startWorkers(here, { cwd: placeWithApp(), bind: [] })
  assert.equal(healthy(), 0)
  await server.stop()
  assert.equal(healthy(), 1)
})

test('a pod that is stopped has time for preStop and for what runs', () => {
  const words = argumentsIn(manifest, 'args:')
  const grace = Number(words[words.indexOf('--graceful-timeout') + 1])
  const pause = numberIn(manifest, /command: \["sleep", "(\d+)"\]/)
  assert.ok(numberIn(manifest, /terminationGracePeriodSeconds: (\d+)/) > grace + pause)
  const unit = readFileSync('deploy/pulsar.service', 'utf8')
  assert.ok(numberIn(unit, /^TimeoutStopSec=(\d+)$/m) > settingsFrom({}).gracefulTimeout)
})

test('the unit is stopped when its main process has ended, and what runs was answered', async () => {
  const [, command = ''] = /^ExecStop=\/bin\/sh -c '(.*)'$/m.exec(readFileSync('deploy/pulsar.service', 'utf8')) ?? []
  const server = await startWorkers(['-w', '1', 'app.mjs'], { cwd: workplace() })
  const slow = server.body('/slow')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const stopping = spawn('/bin/sh', ['-c', command], { env: { ...process.env, MAINPID: String(server.pid) } })
  const { code } = await server.ended
  const [status] = await once(stopping, 'exit') as [number]
  assert.deepEqual([status, code, await slow], [0, 0, 'slow'])
})

test('a pod\'s probes are answered, and both logs are on the standard streams', async () => {
  const cwd = placeWithApp()
  const bound = argumentsIn(manifest, 'args:').filter((word, i, words) => word !== '-b' && words[i - 1] !== '-b')
  const words = bound.map((word) => (word === ':9060' ? `unix:${join(cwd, 'admin.sock')}` : word))
  const server = await startWorkers(words, { cwd, env: TOKEN })
  for (const path of [...manifest.matchAll(/path: (\/\w+)/g)].map(([, probe = '']) => probe)) {
    const { status } = await request({ path: join(cwd, 'admin.sock') }, `GET ${path} HTTP/1.1\r\nHost: 10.0.0.7:9060\r\nConnection: close\r\n\r\n`)
    assert.equal(status, 200, path)
  }
  assert.equal((await get(server.address, '/')).body.toString(), 'served')
  const { code, stdout } = await server.stop()
  assert.equal(code, 0)
  assert.equal((JSON.parse(stdout) as { status: number }).status, 200)
})

const withoutKubectl = spawnSync('kubectl', ['kustomize', '--help']).status === 0 ? false : 'there is no kubectl'

test('the manifests are read by kustomize', { skip: withoutKubectl }, () => {
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', 'deploy/kubernetes'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.deepEqual([...stdout.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind).sort(), ['Deployment', 'PodDisruptionBudget', 'Service'])
})

test('the limits of SECURITY.md are the defaults', () => {
  const rows = [...readFileSync('SECURITY.md', 'utf8').matchAll(/^\| [^|]+ \| `(\w+)` \| (\d+)(?: \(no limit\))? \|/gm)]
  assert.ok(rows.length >= 15)
  for (const [, name = '', value] of rows) assert.equal(Number(value), table[name as keyof typeof table].default, name)
})
