import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RawClient } from '../support/raw-client.ts'
import { SteadyClients, type Outcome } from '../support/steady-clients.ts'
import { eventually, startWorkers, workplace } from '../support/workers.ts'

const answering = (text: string): string =>
  `export default (environ, start) => { start('200 OK', [['Content-Length', '${text.length}']]); return [Buffer.from('${text}')] }`

test('with --reload a saved source serves, a broken one answers with its error, and requests wait meanwhile', async () => {
  const cwd = workplace()
  const save = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
  save('part.ts', `export const text: string = 'one'`)
  save('dev.ts', `import { text } from './part.ts'
    export default (environ: object, start: (status: string, fields: []) => void) => { start('200 OK', []); return [Buffer.from(text)] }`)
  const server = await startWorkers(['--reload', 'dev.ts'], { cwd })
  /** The old version reads no more: what is asked now is for the new one, which may still be loading. */
  const retired = (times: number): Promise<void> => server.until(/"stopped"/, times)
  assert.equal(await server.body('/'), 'one')
  save('part.ts', `export const text: string = 'two'`)
  await server.until(/part\.ts has changed: restarting/)
  await retired(1)
  assert.equal(await server.body('/'), 'two')
  save('part.ts', `export const text: string = (`)
  await retired(2)
  assert.match(await server.body('/'), /SyntaxError.*part\.ts:1/s)
  assert.equal(await server.status('/'), 500)
  rmSync(join(cwd, 'part.ts'))
  await retired(3)
  assert.match(await server.body('/'), /Cannot find module.*part\.ts/s)
  save('part.ts', `export const text: string = 'three'`)
  await retired(4)
  assert.equal(await server.body('/'), 'three')
  assert.equal(server.children().length, 1)
  assert.equal((await server.stop('SIGTERM')).code, 0)
})

for (const workers of ['1', '2']) {
  test(`with --reload kept-alive clients of ${workers} workers lose no request, and none gets a version older than it had`, async (t) => {
    const cwd = workplace()
    writeFileSync(join(cwd, 'dev.mjs'), answering('0'))
    const server = await startWorkers(['-w', workers, '--reload', 'dev.mjs'], { cwd })
    const outcomes: Outcome[] = []
    const clients = new SteadyClients(server.port, { count: 32, observe: (outcome) => outcomes.push(outcome) })
    t.after(() => clients.stop())
    const silent = await RawClient.connect(server.port)
    await silent.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert.equal((await silent.response()).body.toString(), '0')
    for (let version = 1; version <= 5; version++) {
      writeFileSync(join(cwd, 'dev.mjs'), answering(String(version)))
      await server.until(/"stopped"/, version * Number(workers))
      const loading = performance.now()
      await server.until(/reloaded: \d new workers serve/, version)
      const before = clients.count
      await eventually(() => clients.count > before + 500, () => `answers of the new version\n${server.stderr()}`)
      const late = outcomes.filter(({ from }) => from > loading).map(({ body }) => body)
      assert.ok(late.length > 0 && late.every((body) => body === String(version)), `version ${version}: ${[...new Set(late)].join(', ')}`)
    }
    const { failures } = await clients.stop()
    assert.deepEqual(failures, {}, server.stderr())
    // The connection has been silent all the time: it has gone from version to version, and was closed by none.
    await silent.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert.equal((await silent.response()).body.toString(), '5')
    silent.destroy()
    await server.stop()
  })
}

test('with --reload connections from before the change, which ask while nobody serves, are answered by the new version', async () => {
  const cwd = workplace()
  writeFileSync(join(cwd, 'dev.mjs'), answering('old'))
  const path = join(cwd, 'dev.sock')
  const server = await startWorkers(['--reload', '-b', `unix:${path}`, 'dev.mjs'], { cwd })
  const clients = [await RawClient.connect(server.port), await RawClient.connect({ path }), await RawClient.connect(server.port)]
  writeFileSync(join(cwd, 'dev.mjs'), `await new Promise((resolve) => setTimeout(resolve, 500))\n${answering('new')}`)
  await server.until(/"stopped"/)
  assert.equal(server.times(/new workers serve/), 0)
  for (const client of clients) await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  for (const client of clients) assert.equal((await client.response()).body.toString(), 'new')
  for (const client of clients) client.destroy()
  await server.stop()
})

test('with --reload a version that cannot be loaded at the first start is answered with its error, also where it exits', async () => {
  const cwd = workplace()
  writeFileSync(join(cwd, 'dev.mjs'), 'process.exit(5)')
  const server = await startWorkers(['--reload', 'dev.mjs'], { cwd })
  assert.match(await server.body('/'), /ended with exit code 5/)
  writeFileSync(join(cwd, 'dev.mjs'), `export { default } from './app.mjs'`)
  await eventually(async () => await server.body('/') === 'hello', () => 'the mended version')
  await server.stop()
})
