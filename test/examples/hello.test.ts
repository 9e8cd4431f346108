import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeStripsTypes, projectRoot } from '../support/project.ts'
import { get, RawClient, valuesOf } from '../support/raw-client.ts'
import { runCommand, startCommand, type CommandOptions } from '../support/start-command.ts'

const example = 'examples/hello.ts'
const stripping = nodeStripsTypes ? false : `Node ${process.versions.node} does not strip types`

interface Way {
  readonly name: string
  readonly args: readonly string[]
  readonly options: CommandOptions
  readonly skip: string | false
}

const npmStart = [process.execPath, join(projectRoot, 'scripts', 'start.mjs')]

/** The ways of the README to run the example. */
const ways: readonly Way[] = [
  { name: 'pulsar examples/hello.ts', args: [example], options: {}, skip: false },
  { name: 'npx tsx examples/hello.ts', args: [example], options: { program: ['npx', '--no-install', 'tsx'] }, skip: false },
  { name: 'node examples/hello.ts', args: [example], options: { program: [process.execPath] }, skip: stripping },
  { name: 'npm start', args: [], options: { program: npmStart }, skip: false },
]

for (const { name, args, options, skip } of ways) {
  test(`${name} serves Hello World!`, { skip }, async () => {
    const server = await startCommand([...args, '-b', '127.0.0.1:0'], options)
    assert.match(server.address, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    const answer = await get(server.address, '/any/path?x=y')
    assert.equal(answer.status, 200)
    assert.equal(answer.reason, 'OK')
    assert.equal(answer.body.toString(), 'Hello World!')
    assert.deepEqual(valuesOf(answer, 'content-type'), ['text/plain'])
    assert.deepEqual(valuesOf(answer, 'content-length'), ['12'])
    assert.equal(valuesOf(answer, 'date').length, 1)
    assert.equal(server.stdout(), '')
    const { code, signal, stderr } = await server.interrupt()
    if (!options.program?.includes('npx')) assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr)
  })

  test(`${name} --help prints the options with their defaults`, { skip }, async () => {
    const { code, stdout, stderr } = await runCommand([...args, '--help'], options)
    assert.equal(code, 0, stderr)
    for (const flag of ['--bind', '--backlog', '--timeout', '--limit-request-line', '--log-level', '--config']) {
      assert.ok(stdout.includes(flag), `${flag} in ${stdout}`)
    }
    assert.ok(stdout.includes('127.0.0.1:8060'), 'the default of --bind')
    for (const section of ['Server:', 'Timeouts:', 'Limits:', 'Logs:']) assert.ok(stdout.includes(`\n${section}\n`), section)
    assert.doesNotMatch(stderr, /pulsar|Error/)
  })
}

test('the example keeps a connection and answers what was pipelined', async () => {
  const server = await startCommand([example, '-b', '127.0.0.1:0'])
  const client = await RawClient.connect(server.address)
  await client.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.0\r\n\r\n')
  assert.equal((await client.response()).body.toString(), 'Hello World!')
  assert.equal((await client.response('HEAD')).body.length, 0)
  assert.equal((await client.response()).body.toString(), 'Hello World!')
  assert.equal((await client.untilClosed()).length, 0)
  client.destroy()
  await server.stop()
})

test('a wrong option of the example is one line that names it, and status 2', async () => {
  const { code, stdout, stderr } = await runCommand([example, '--keep-alive', 'long'])
  assert.equal(code, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /^[^\n]*keep-?alive[^\n]*\n$/i)
})
