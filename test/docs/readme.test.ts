/** The examples of README.md do what the page says of them, on the built package, and their types are right. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { transformSync } from 'oxc-transform'
import { flagOf } from '../../src/config/names.ts'
import { questions } from '../../src/config/questions.ts'
import { settingNames } from '../../src/config/table.ts'
import { projectRoot } from '../support/project.ts'
import { RawClient, valuesOf } from '../support/raw-client.ts'
import { runCommand, startCommand } from '../support/start-command.ts'

const page = readFileSync(join(projectRoot, 'README.md'), 'utf8')
const examples: readonly string[] = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code)

/** Below the project, so that the package's name leads to its own build. */
const directory = join(projectRoot, 'build', 'readme-examples')
const script = examples.filter((code) => code.includes('.start()') && !code.includes('loadConfig'))
const programs = examples.filter((code) => code.includes('console.log('))
const configs = examples.filter((code) => code.includes('satisfies SettingsParams'))
const applications = examples.filter((code) => ![...script, ...programs, ...configs].includes(code))

function fileOf(code: string): string {
  return join(directory, `example-${examples.indexOf(code) + 1}.ts`)
}

before(() => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const code of examples) writeFileSync(fileOf(code), code)
})

/** What a client does with each application of the page, in their order. */
const conversations: readonly ((client: RawClient, address: string) => Promise<void>)[] = [
  async (client) => {
    await client.send('GET /caf%C3%A9 HTTP/1.1\r\nHost: a.example\r\n\r\n')
    assert.equal((await client.response()).body.toString(), 'GET /café\n')
  },
  greets,
  greets,
  async (client) => {
    await client.send('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
    const answer = await client.response()
    assert.equal(answer.body.toString(), 'one\ntwo\nthree\n')
    assert.deepEqual(valuesOf(answer, 'transfer-encoding'), ['chunked'])
  },
  async (client) => {
    await client.send('POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
    assert.equal((await client.response('POST')).status, 100)
    await client.send('12345')
    assert.equal((await client.response('POST')).body.toString(), '{"bytes":5}')
  },
  async (client) => {
    await client.send('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
    const early = await client.response()
    assert.equal(early.status, 103)
    assert.deepEqual(valuesOf(early, 'link'), ['</style.css>; rel=preload; as=style'])
    const answer = await client.response()
    assert.equal(answer.status, 200)
    assert.deepEqual(valuesOf(answer, 'content-type'), ['text/html'])
    await client.send('GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nahead')
    assert.equal((await client.response()).status, 101)
    assert.equal((await client.bytes(5)).toString(), 'ahead')
  },
  async (client) => {
    await client.send('GET /hello/J%C3%BCrgen HTTP/1.1\r\nHost: a.example\r\n\r\n')
    assert.equal((await client.response()).body.toString(), 'Hello Jürgen!')
    await client.send('POST /squares/12 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n')
    assert.equal((await client.response('POST')).body.toString(), '{"n":12,"square":144}')
    await client.send('GET /squares/12 HTTP/1.1\r\nHost: a.example\r\n\r\n')
    assert.equal((await client.response()).status, 405)
  },
  async (client, address) => {
    for (const path of ['echo', 'news']) {
      await using other = await RawClient.connect(address)
      await other.send(`GET /${path} HTTP/1.1\r\nHost: a.example\r\n${handshake}\r\n`)
      assert.equal((await other.response()).status, 101)
      if (path === 'echo') {
        // RFC 6455 section 5.7: a single-frame masked text message.
        await other.send(Buffer.from('818537fa213d7f9f4d5158', 'hex'))
      } else {
        await client.send(call('tell', ['Hello']))
        assert.deepEqual(JSON.parse((await client.response('POST')).body.toString()), { jsonrpc: '2.0', id: 1, result: null })
      }
      assert.equal((await other.bytes(7)).toString('latin1'), '\x81\x05Hello')
    }
    await client.send(call('add', [2, 3]))
    assert.deepEqual(JSON.parse((await client.response('POST')).body.toString()), { jsonrpc: '2.0', id: 1, result: 5 })
  },
]

async function greets(client: RawClient): Promise<void> {
  await client.send('GET /hello/ann HTTP/1.1\r\nHost: a.example\r\n\r\n')
  const answer = await client.response()
  assert.equal(answer.body.toString(), '{"hello":"ann"}')
  assert.match(valuesOf(answer, 'content-type')[0] ?? '', /^application\/json/)
}

const handshake = [
  'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '',
].join('\r\n')

function call(method: string, params: unknown): string {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return `POST /rpc HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

test('every example is of a kind that is run', () => {
  assert.equal(script.length, 1)
  assert.equal(configs.length, 1)
  assert.ok(programs.length >= 3)
  assert.equal(applications.length, conversations.length)
})

test('the first example is examples/hello.ts, which is run in each of its ways', () => {
  const source = readFileSync(join(projectRoot, 'examples', 'hello.ts'), 'utf8')
  assert.equal(script[0], source.replace(/^\/\*\*[^]*?\*\/\n/, ''))
})

for (const [i, converse] of conversations.entries()) {
  test(`application ${i + 1} of the page does what its text says, by the command`, async () => {
    const server = await startCommand([fileOf(applications[i] as string), '-b', '127.0.0.1:0'])
    await using client = await RawClient.connect(server.address)
    await converse(client, server.address)
    client.destroy()
    const { code, stderr } = await server.stop()
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, /"level":"(?:warning|error|critical)"/)
  })
}

for (const [i, code] of programs.entries()) {
  test(`program ${i + 1} of the page prints what its comments say, and ends`, async () => {
    const compiled = transformSync('example.ts', code)
    assert.deepEqual(compiled.errors, [])
    const file = fileOf(code).replace(/\.ts$/, '.mjs')
    writeFileSync(file, compiled.code)
    const expected = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => `${text}\n`).join('')
    assert.notEqual(expected, '')
    const { code: status, stdout, stderr } = await runCommand([file], { program: [process.execPath] })
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: expected, stderr: '' })
  })
}

test('the config file of the page is read', async () => {
  const { code, stdout, stderr } = await runCommand(['-c', fileOf(configs[0] as string), '--print-config'])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /limitRequestBody.*10M.*file example-\d+\.ts/)
})

test('every option that the page names is one', () => {
  const known = [...settingNames.map(flagOf), ...questions.map(({ name }) => flagOf(name))]
  const own = page.slice(page.indexOf('\n## Settings\n'), page.indexOf('\n## What it holds to\n'))
  const named = new Set([...own.matchAll(/`(--[a-z-]+)[ `]/g)].map(([, flag]) => flag as string))
  assert.ok(named.size > 15)
  assert.deepEqual([...named].filter((flag) => !known.includes(flag)), [])
})

test('the examples are right in their types', () => {
  const config = join(directory, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({
    extends: '../../tsconfig.json', include: ['*.ts'],
    compilerOptions: {
      noEmit: true, isolatedDeclarations: false, declaration: false, noUnusedParameters: false, rootDir: '../..',
    },
  }))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', config], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})
