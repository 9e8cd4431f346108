/** Scripts that call listen() themselves: the command serves them unchanged. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { projectRoot } from '../support/project.ts'
import { get } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { eventually, startWorkers, workplace } from '../support/workers.ts'

const cwd = join(projectRoot, 'test', 'process', 'listening')

describe('the listen() of a script is this server\'s', () => {
  for (const [script, said] of [
    ['express.cjs', /^express \d+$/], ['fastify.mjs', /^fastify \d+$/], ['koa.mjs', /^koa \d+$/], ['late.cjs', /^late \d+$/],
    ['raw.mjs', /^raw \d+ true \{"address":"127\.0\.0\.1","port":3000,"family":"IPv4"\}$/],
  ] as const) {
    for (const workers of ['0', '2']) {
      test(`${script}, with -w ${workers}`, async () => {
        const server = await startWorkers(['-w', workers, script], { cwd })
        assert.match(await server.body('/'), said)
        const { code, stderr } = await server.stop()
        assert.equal(code, 0, stderr)
      })
    }
  }

  test('and its callback is called', async () => {
    const server = await startWorkers(['-w', '0', 'express.cjs'], { cwd })
    const said = eventually(() => server.stdout().includes('Example app listening on port 3000'), () => server.stdout())
    await assert.doesNotReject(said)
    await server.stop()
  })

  test('and what it would have listened on is where, unless the user says otherwise', async () => {
    // A port that is free now, and was the system's choice.
    const probe = await startWorkers(['-w', '0', 'koa.mjs'], { cwd })
    await probe.stop()
    for (const workers of ['0', '1']) {
      const server = await startWorkers(['-w', workers, 'late.cjs'], { cwd, bind: [], env: { PORT_OF_SCRIPT: String(probe.port) } })
      assert.equal(server.port, probe.port)
      assert.match((await get(`http://127.0.0.1:${server.port}`, '/')).body.toString(), /^late/)
      await server.stop()
    }
  })

  test('of an application that is exported too, however late', async () => {
    const server = await startWorkers(['-w', '1', 'exported.mjs'], { cwd })
    await eventually(() => server.stdout().includes('believes to listen'), () => server.stdout())
    assert.match(await server.body('/'), /^exported/)
    await server.stop()
  })

  test('but not that of another server of the script', async () => {
    const server = await startWorkers(['-w', '1', 'metrics.mjs'], { cwd })
    await eventually(() => /other on \d+/.test(server.stdout()), () => server.stdout())
    const [, port] = /other on (\d+)/.exec(server.stdout()) as unknown as [string, string]
    assert.equal((await get(`http://127.0.0.1:${port}`, '/')).body.toString(), 'second')
    assert.equal(await server.body('/'), 'first')
    await server.stop()
  })

  test('of each of several that are mounted, though they name the same port', async () => {
    const server = await startWorkers(['-w', '1', '--mount', '/a=./express.cjs', '--mount', '/b=./koa.mjs', '--mount', '/c=./late.cjs'], { cwd })
    assert.match(await server.body('/a/'), /^express/)
    assert.match(await server.body('/b/'), /^koa/)
    assert.match(await server.body('/c/'), /^late/)
    await server.stop()
  })

  test('also when the script is changed and loaded anew', async () => {
    const place = workplace()
    const script = join(place, 'raw.mjs')
    const text = readFileSync(join(cwd, 'raw.mjs'), 'utf8')
    writeFileSync(script, text)
    const server = await startWorkers(['--reload', 'raw.mjs'], { cwd: place })
    assert.match(await server.body('/'), /^raw/)
    writeFileSync(script, text.replace('`raw', '`changed'))
    await eventually(async () => (await server.body('/')).startsWith('changed'), () => server.stderr())
    await server.stop()
  })
})

test('a script that neither exports an application nor listens is told so at once', async () => {
  const { code, stderr } = await runCommand(['-w', '0', 'never.mjs'], { cwd })
  assert.equal(code, 3, stderr)
  assert.match(stderr, /never\.mjs has no export default, app, application and starts no server/)
})

test('a script that would listen with TLS is told whose work that is', async () => {
  const { code, stderr } = await runCommand(['-w', '1', 'secure.mjs'], { cwd })
  assert.equal(code, 3, stderr)
  assert.match(stderr, /secure\.mjs listens with a server for TLS.*--cert-file/)
})
