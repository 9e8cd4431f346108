import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { get, RawClient } from '../support/raw-client.ts'
import { runCommand } from '../support/start-command.ts'
import { SteadyClients } from '../support/steady-clients.ts'
import { eventually, startWorkers, workplace } from '../support/workers.ts'

const cwd = workplace()
writeFileSync(join(cwd, 'named.mjs'), `
  export default (environ, startResponse) => {
    if (environ.PATH_INFO === '/throws') throw new Error('thrown')
    environ['wsgi.errors'].write('noted ' + environ.PATH_INFO)
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from(environ['pulsar.request_id'])]
  }
`)

const linesOf = (path: string): string[] => readFileSync(join(cwd, path), 'latin1').split('\n').slice(0, -1)
/** The ids that the answers told, in no order. */
const idsOf = (lines: readonly string[]): string[] => lines.map((line) => / id=(\S+) /.exec(line)?.[1] ?? line).sort()

suite('the access log', () => {
  test('has a line for each request, whatever became of it', async () => {
    const server = await startWorkers(['--access-log', 'each.log', '--access-log-format', 'json', 'named.mjs'], { cwd })
    const id = await server.body('/good?q=1')
    assert.equal(await server.status('/throws'), 500)
    const client = await RawClient.connect(server.port)
    await client.send('GET / HTTP/1.1\r\n\r\n')
    assert.equal((await client.response()).status, 400)
    client.destroy()
    await server.stop()
    const entries = linesOf('each.log').map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual(entries.map(({ target, status, cause }) => ({ target, status, cause })), [
      { target: '/good?q=1', status: 200, cause: null },
      { target: '/throws', status: 500, cause: 'application-error' },
      { target: undefined, status: 400, cause: 'missing-host' },
    ])
    assert.equal(entries[0]?.id, id)
    // What the server's log says of a request has the same name.
    const known = server.stderr().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(known.find(({ msg }) => msg === 'noted /good')?.id, id)
    assert.equal(known.find(({ path }) => path === '/throws')?.id, entries[1]?.id)
  })

  test('a name that a proxy on this machine gave is kept, one that could not stand in a log is not', async () => {
    const server = await startWorkers(['--access-log', 'named.log', 'named.mjs'], { cwd })
    const ask = async (name: string): Promise<string> => {
      const client = await RawClient.connect(server.port)
      await client.send(`GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: ${name}\r\n\r\n`)
      const { body } = await client.response()
      client.destroy()
      return body.toString()
    }
    assert.equal(await ask('from-proxy.1'), 'from-proxy.1')
    for (const bad of ['two words', 'quote"d', 'x'.repeat(200), '']) assert.match(await ask(bad), /^\w+-\w+$/)
    await server.stop()
    assert.equal(new Set(idsOf(linesOf('named.log'))).size, 5)
  })

  test('moved away and opened anew on USR1 under load, with two workers, no line is lost or torn; nor at a stop', async () => {
    const server = await startWorkers(['-w', '2', '--access-log', 'turned.log', 'named.mjs'], { cwd })
    const ids: string[] = []
    const clients = new SteadyClients(server.port, { count: 8, observe: ({ body }) => { if (body !== null) ids.push(body) } })
    const files: string[] = []
    for (let turn = 0; turn < 4; turn++) {
      const before = clients.count
      await eventually(() => clients.count > before + 200, () => 'requests')
      const file = `turned.log.${turn}`
      renameSync(join(cwd, 'turned.log'), join(cwd, file))
      files.push(file)
      process.kill(server.pid, 'SIGUSR1')
      await eventually(() => existsSync(join(cwd, 'turned.log')), () => 'the new file')
    }
    const before = clients.count
    await eventually(() => clients.count > before + 200, () => 'requests')
    const { failures } = await clients.stop()
    await server.stop()
    assert.deepEqual(failures, {})
    const lines = [...files, 'turned.log'].flatMap(linesOf)
    const form = /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 \d+ "-" "-" id=\S+ ms=\S+ application=\S+ write=\S+$/
    assert.deepEqual(lines.filter((line) => !form.test(line)), [])
    assert.deepEqual(idsOf(lines), ids.sort())
    assert.ok(linesOf('turned.log').length > 0)
  })

  test('on standard output, of two workers, lines are whole', async () => {
    const server = await startWorkers(['-w', '2', '--access-log', '-', '--access-log-format', 'line %(id)s %(s)s', 'named.mjs'], { cwd })
    const ids: string[] = []
    const clients = new SteadyClients(server.port, { count: 8, observe: ({ body }) => { if (body !== null) ids.push(body) } })
    await eventually(() => clients.count > 1000, () => 'requests')
    await clients.stop()
    const { stdout } = await server.stop()
    assert.deepEqual(stdout.split('\n').slice(0, -1).sort(), ids.map((id) => `line ${id} 200`).sort())
  })

  test('with a full disk under it the server serves on, and says so once', { skip: !existsSync('/dev/full') && 'no /dev/full' }, async () => {
    const server = await startWorkers(['--access-log', '/dev/full', 'named.mjs'], { cwd })
    for (let i = 0; i < 20; i++) assert.equal(await server.status('/'), 200)
    await server.until(/the access log, \/dev\/full: ENOSPC/)
    for (let i = 0; i < 20; i++) assert.equal(await server.status('/'), 200)
    const { stderr } = await server.stop()
    assert.equal([...stderr.matchAll(/ENOSPC/g)].length, 1)
    assert.match(stderr, /"the access log, \/dev\/full: 40 lines are lost"/)
  })

  test('with its reader gone the server serves on', async () => {
    const server = await startWorkers(['--access-log', '-', 'named.mjs'], { cwd })
    server.process.stdout?.destroy()
    for (let i = 0; i < 20; i++) assert.equal(await server.status('/'), 200)
    await server.until(/the access log, standard output: EPIPE/)
    assert.equal(await server.status('/'), 200)
    const { stderr } = await server.stop()
    assert.equal([...stderr.matchAll(/EPIPE/g)].length, 1)
  })

  test('one that cannot be opened keeps the server from starting', async () => {
    const { code, stderr } = await runCommand(['-b', '127.0.0.1:0', '--access-log', 'no/where.log', 'named.mjs'], { cwd })
    assert.notEqual(code, 0)
    assert.match(stderr, /the access log cannot be opened: ENOENT.*no\/where\.log/)
  })

  test('an atom that there is not is a bad value', async () => {
    const { code, stderr } = await runCommand(['--access-log', '-', '--access-log-format', '%(x)s', 'named.mjs'], { cwd })
    assert.equal(code, 2)
    assert.match(stderr, /accessLogFormat \(command line\): expected combined, json, or text with atoms: %\(h\)s/)
  })

  test('off, nothing is written', async () => {
    const own = workplace()
    const server = await startWorkers(['app.mjs'], { cwd: own })
    const files = readdirSync(own)
    assert.equal((await get(server.address)).status, 200)
    assert.equal((await server.stop()).stdout, '')
    assert.deepEqual(readdirSync(own), files)
  })
})
