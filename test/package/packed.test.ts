import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { projectRoot } from '../support/project.ts'
import { get } from '../support/raw-client.ts'
import { runCommand, startCommand } from '../support/start-command.ts'

/** An application as a user of the package writes it; `satisfies` and the annotations hold its types to the contract. */
const application = `
import { WSGIServer, testWsgiEnviron, type Environ, type Fields, type StartResponse, type WSGIApplication } from 'pulsar-wsgi'

export const app = function (environ: Environ, startResponse: StartResponse) {
  const path: string = environ.PATH_INFO
  const fields: Fields = [['Content-Type', 'text/plain']]
  const write: (data: Uint8Array) => number | Promise<number> = startResponse('200 OK', fields)
  return write.length >= 0 ? [Buffer.from('packed ' + path)] : []
} satisfies WSGIApplication

export async function slowly(environ: Environ, startResponse: StartResponse): Promise<AsyncGenerator<Buffer>> {
  const body: Buffer = await environ['wsgi.input'].read()
  startResponse('200 OK', [])
  return (async function* () { yield body })()
}

export async function serve(): Promise<number> {
  const server = new WSGIServer(slowly, { loadConfig: false, bind: '127.0.0.1:0' })
  await server.start()
  const [address] = server.addresses
  await server.close()
  return address?.kind === 'tcp' ? address.port : 0
}

export function wrongly(): void {
  const environ: Environ = testWsgiEnviron({ path: '/x', method: 'GET' })
  // @ts-expect-error a status is text
  app(environ, (status: number) => status)
  // @ts-expect-error an application is a function
  new WSGIServer('app')
  // @ts-expect-error what is unknown is not any
  const port: number = environ['HTTP_HOST']
}
`

const program = `
import { WSGIServer } from 'pulsar-wsgi'

const server = new WSGIServer((environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('programmed ' + environ.PATH_INFO)]
}, { loadConfig: false, bind: '127.0.0.1:0' })
await server.start()
console.error('serving on http://127.0.0.1:' + server.addresses[0].port)
process.once('SIGTERM', async () => {
  await server.close()
  console.log('closed')
})
`

const compilerOptions = {
  strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false,
  noEmit: true, target: 'es2022', module: 'nodenext',
}

/** All that can be imported: its types need those of Node.js, which they name themselves, and no others. */
const everything = `
export * as ws from 'pulsar-wsgi/ws'
export * as rpc from 'pulsar-wsgi/rpc'
export * as client from 'pulsar-wsgi/rpc/client'
export * as adapters from 'pulsar-wsgi/adapters'
export * as observe from 'pulsar-wsgi/observe'
export * as python from 'pulsar-wsgi/python'
export * as testing from 'pulsar-wsgi/testing'
`

interface Packed { readonly filename: string, readonly files: readonly { readonly path: string, readonly mode: number }[] }

describe('the package as published', () => {
  const project = mkdtempSync(join(tmpdir(), 'pulsar-packed-'))
  let packed: Packed
  let unreachable = ''

  before(async () => {
    packed = await pack(project)
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
    const install = ['install', `./${packed.filename}`, '--prefer-offline', '--no-audit', '--no-fund']
    const { code, stderr } = await runCommand(install, { program: ['npm'], cwd: project, patience: 90_000 })
    if (code === 0) return
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/.test(stderr)) throw new Error(stderr)
    unreachable = 'THE PACKAGE WAS NOT TESTED: its dependencies are not in npm\'s cache, and the registry cannot be reached'
  })

  after(() => { rmSync(project, { recursive: true, force: true }) })

  /** Tests that need the installed package say loudly that they did not run. */
  const installed = (name: string, run: (t: TestContext) => Promise<void>): void => {
    test(name, async (t) => {
      if (unreachable === '') return run(t)
      console.error(unreachable)
      t.skip(unreachable)
    })
  }

  test('the tarball has what is documented, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path)
    for (const path of ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js']) {
      assert.ok(paths.includes(path), path)
    }
    const expected = /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|SECURITY\.md|dashboard\/\w+\.(html|css|js|svg)|docs\/[\w-]+\.md|python\/(?:pulsar_worker\/)?\w+\.py|dist\/[\w/-]+\.(js|d\.ts|js\.map))$/
    assert.deepEqual(paths.filter((path) => !expected.test(path)), [])
  })

  test('publint finds nothing to say', async () => {
    const tarball = readFileSync(join(project, packed.filename))
    const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) as ArrayBuffer
    const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), [])
  })

  installed('an application in TypeScript runs with npx pulsar', async () => {
    writeFileSync(join(project, 'app.ts'), application)
    const options = { program: ['npx', '--no-install', 'pulsar'], cwd: project }
    const server = await startCommand(['app.ts', '-b', '127.0.0.1:0'], options)
    assert.equal((await get(server.address, '/a')).body.toString(), 'packed /a')
    await server.interrupt()
    const { code, stdout } = await runCommand(['--version'], { ...options, program: ['npx', '--no-install', 'pulsar-wsgi'] })
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`(^|\\s)${version.replaceAll('.', '\\.')}\\s*$`))
  })

  installed('a program starts and closes a server by import', async () => {
    writeFileSync(join(project, 'program.mjs'), program)
    const server = await startCommand(['program.mjs'], { program: [process.execPath], cwd: project })
    assert.equal((await get(server.address, '/b')).body.toString(), 'programmed /b')
    const { code, stdout, stderr } = await server.stop()
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'closed\n' }, stderr)
  })

  installed('the types of the package hold in a strict project', async () => {
    writeFileSync(join(project, 'app.ts'), application)
    writeFileSync(join(project, 'everything.ts'), everything)
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts', 'everything.ts'] }))
    mkdirSync(join(project, 'node_modules', '@types'), { recursive: true })
    symlinkSync(join(projectRoot, 'node_modules', '@types', 'node'), join(project, 'node_modules', '@types', 'node'))
    const compiler = join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc')
    const { code, stdout } = await runCommand(['-p', project], { program: [process.execPath, compiler], cwd: project })
    assert.equal(stdout, '')
    assert.equal(code, 0)
  })
})

/** Without the scripts of package.json: dist/ was built by whoever runs the tests, and others are using it. */
async function pack(destination: string): Promise<Packed> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination]
  const { code, stdout, stderr } = await runCommand(args, { program: ['npm'] })
  assert.equal(code, 0, stderr)
  // npm 12 gives an object by name where older ones give a list.
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, Packed>)
  assert.ok(packed)
  return packed
}
