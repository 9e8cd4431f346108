/** The examples of the page do what it says of them, and their types are right. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { transformSync } from 'oxc-transform'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { projectRoot } from '../support/project.ts'
import { valuesOf, type RawClient } from '../support/raw-client.ts'
import { rule, type ServedApplication } from '../support/served-application.ts'

interface Exchange {
  /** Null: the next answer to the request before. */
  readonly request: { readonly method: string, readonly text: string } | null
  readonly status: number
  /** As text; undefined where the page says nothing of it. */
  readonly body: string | undefined
  readonly fields: readonly (readonly [name: string, value: string])[]
}

interface Example {
  readonly name: string
  readonly code: string
  readonly exchanges: readonly Exchange[]
}

const page = readFileSync(join(projectRoot, 'docs', 'wsgi-for-typescript.md'), 'utf8')
const examples: Example[] = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(readExample)

function readExample(match: RegExpMatchArray): Example {
  const [, code = ''] = match
  const heading = [...page.slice(0, match.index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? ''
  const lines = code.split('\n').filter((line) => line.startsWith('// ') && line.includes(' => '))
  return { name: `${heading}: ${lines[0] ?? ''}`, code, exchanges: lines.map(readExchange) }
}

/** `// METHOD path, Field: value "body" => status "body", Field: value`; `// and then => ...` for another answer. */
function readExchange(line: string): Exchange {
  const [sent = '', got = ''] = line.slice(3).split(' => ', 2)
  const answer = /^(\d{3})(?: ("(?:[^"\\]|\\.)*"|\{.*\}))?((?:, [\w-]+: [^,]+)*)$/.exec(got)
  assert.ok(answer, line)
  const body = answer[2]?.startsWith('"') ? JSON.parse(answer[2]) as string : answer[2]
  const request = sent === 'and then' ? null : readRequest(sent)
  return { request, status: Number(answer[1]), body, fields: readFields(answer[3] ?? '') }
}

function readRequest(sent: string): Exchange['request'] {
  const match = /^([A-Z]+) (\S+?)((?:, [\w-]+: [^,"]+)*)(?: ("(?:[^"\\]|\\.)*"))?$/.exec(sent)
  assert.ok(match, sent)
  const [, method = '', target, fieldText = '', quoted] = match
  const body = quoted === undefined ? '' : JSON.parse(quoted) as string
  const fields = [['Host', 'a.example'], ...readFields(fieldText)]
  if (body !== '') fields.push(['Content-Length', String(body.length)])
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`)
  return { method, text: `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}` }
}

function readFields(text: string): [string, string][] {
  return text.split(', ').filter((field) => field !== '').map((field) => {
    const [name = '', value = ''] = field.split(': ', 2)
    return [name, value]
  })
}

/** Compiled as a user's file would be, with the package's name leading to this build of it. */
async function load(example: Example): Promise<WSGIApplication> {
  const { code, errors } = transformSync('example.ts', `${example.code}\nexport { application }\n`)
  assert.deepEqual(errors, [])
  const entry = new URL('../../src/index.js', import.meta.url).href
  const source = code.replaceAll("'pulsar-wsgi'", JSON.stringify(entry)).replaceAll('"pulsar-wsgi"', JSON.stringify(entry))
  const module: unknown = await import(`data:text/javascript,${encodeURIComponent(source)}`)
  return (module as { application: WSGIApplication }).application
}

async function converse(served: ServedApplication, exchanges: readonly Exchange[]): Promise<void> {
  let client: RawClient | undefined
  let method = 'GET'
  for (const { request, status, body, fields } of exchanges) {
    if (request !== null || client === undefined) {
      client = await served.client()
      method = request?.method ?? method
      await client.send(request?.text ?? '')
    }
    const response = await client.response(method)
    assert.equal(response.status, status)
    if (body !== undefined) assert.equal(response.body.toString('utf8'), body)
    for (const [name, value] of fields) assert.deepEqual(valuesOf(response, name), [value], name)
  }
}

for (const example of examples) {
  rule(`the example does what the page says: ${example.name}`, async (serve) => {
    assert.notEqual(example.exchanges.length, 0, 'an example says what a client gets')
    const served = await serve(await load(example))
    await converse(served, example.exchanges)
    assert.deepEqual(served.errors, [])
  })
}

test('the page has an example of each part', () => {
  assert.ok(examples.length >= 10, String(examples.length))
})

test('the examples are right in their types', () => {
  const directory = join(projectRoot, 'build', 'docs-examples', 'wsgi-for-typescript')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const prelude = `import type { WSGIApplication } from 'pulsar-wsgi'\n`
  for (const [i, { code }] of examples.entries()) {
    writeFileSync(join(directory, `example-${i + 1}.ts`), `${prelude}${code}\nexport { application }\n`)
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({
    extends: '../../../tsconfig.json', include: ['*.ts'],
    compilerOptions: {
      noEmit: true, isolatedDeclarations: false, declaration: false, noUnusedParameters: false, rootDir: '../../..',
      paths: { 'pulsar-wsgi': ['../../../src/index.ts'] },
    },
  }))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', directory], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})
