/**
 * The examples of a page of docs/, as its reader would use them: compiled against the package's name, checked in their types,
 * and run.
 *
 * An example exports an application by default, and says in comments what a client gets of it:
 * `// POST /path, Field: value "body" => 200 "body", Field: value`. One that has tests of its own is run as they are.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { transformSync } from 'oxc-transform'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { inject } from '../../src/testing/inject.ts'
import { projectRoot } from './project.ts'

interface Exchange {
  readonly line: string
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly status: number
  /** Undefined where the page says nothing of it. */
  readonly content: string | undefined
  readonly fields: readonly (readonly [string, string])[]
}

interface Example {
  readonly name: string
  readonly code: string
  readonly exchanges: readonly Exchange[]
}

/** Declares the tests of a page, such as `requests.md`. */
export async function testPage(page: string): Promise<void> {
  const examples = readExamples(readFileSync(join(projectRoot, 'docs', page), 'utf8'))
  test(`${page} has examples, and each says what comes of it`, () => {
    assert.ok(examples.length > 0)
    for (const { name, code, exchanges } of examples) assert.ok(exchanges.length > 0 || hasTests(code), name)
  })
  test(`the examples of ${page} are right in their types`, () => checkTypes(page, examples))
  for (const example of examples) {
    if (hasTests(example.code)) await load(example.code)
    else test(`an example of ${page} does what it says: ${example.name}`, async () => {
      const { default: application } = await load(example.code)
      for (const exchange of example.exchanges) await converse(application as WSGIApplication, exchange)
    })
  }
}

const hasTests = (code: string): boolean => code.includes("from 'node:test'")

function readExamples(text: string): Example[] {
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => {
    const [, code = ''] = match
    const heading = [...text.slice(0, match.index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? ''
    const lines = code.split('\n').filter((line) => line.startsWith('// ') && line.includes(' => '))
    return { name: `${heading}: ${lines[0] ?? code.split('\n', 1)[0]}`, code, exchanges: lines.map(readExchange) }
  })
}

function readExchange(line: string): Exchange {
  const [sent = '', got = ''] = line.slice(3).split(' => ', 2)
  const request = /^([A-Z]+) (\S+?)((?:, [\w-]+: (?:"[^"]*"|[^,"{]|,(?! [\w-]+: ))+?)*)(?: ("(?:[^"\\]|\\.)*"|\{.*\}))?$/.exec(sent)
  const answer = /^(\d{3})(?: ("(?:[^"\\]|\\.)*"|[{[].*?[\]}]))?((?:, [\w-]+: (?:[^,]|,(?! [\w-]+: ))+)*)$/.exec(got)
  assert.ok(request !== null && answer !== null, line)
  return {
    line, method: request[1] as string, path: request[2] as string, headers: readFields(request[3]), body: unquoted(request[4]) ?? '',
    status: Number(answer[1]), content: unquoted(answer[2]), fields: readFields(answer[3]),
  }
}

/** Text in quotes as JSON has it; JSON as it stands. */
function unquoted(text: string | undefined): string | undefined {
  return text?.startsWith('"') ? JSON.parse(text) as string : text
}

function readFields(text: string = ''): [string, string][] {
  return text.split(/, (?=[\w-]+: )/).filter((field) => field !== '').map((field) => {
    const colon = field.indexOf(': ')
    return [field.slice(0, colon), field.slice(colon + 2)]
  })
}

async function converse(application: WSGIApplication, exchange: Exchange): Promise<void> {
  const { line, method, path, headers, body } = exchange
  const response = await inject(application, { method, path, headers: headers.filter(([name]) => name !== ''), body })
  assert.equal(response.status, exchange.status, `${line}: ${response.errors.map(String).join()}`)
  if (exchange.content !== undefined) assert.equal(response.text(), exchange.content, line)
  for (const [name, value] of exchange.fields) assert.equal(response.headers.get(name), value, line)
}

/** Of the subpaths that are not the names of folders of src/. */
const folders: Readonly<Record<string, string>> = { '/adapters': '/gateway/adapters' }

/** As a user's file is compiled, with the package's names leading to this build of it. */
async function load(code: string): Promise<{ readonly default?: unknown }> {
  const { code: compiled, errors } = transformSync('example.ts', code)
  assert.deepEqual(errors, [])
  const source = compiled.replaceAll(/(["'])pulsar-wsgi(\/(?:testing|ws|rpc|adapters))?\1/g, (_, _quote, subpath: string = '') =>
    JSON.stringify(new URL(`../../src${folders[subpath] ?? subpath}/index.js`, import.meta.url).href))
    // A module of a data: URL finds no packages.
    .replaceAll(/(["'])zod\1/g, () => JSON.stringify(import.meta.resolve('zod')))
  return await import(`data:text/javascript,${encodeURIComponent(source)}`) as { readonly default?: unknown }
}

function checkTypes(page: string, examples: readonly Example[]): void {
  const directory = join(projectRoot, 'build', 'docs-examples', page.replace('.md', ''))
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const [i, { code }] of examples.entries()) writeFileSync(join(directory, `example-${i + 1}.ts`), code)
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({
    extends: '../../../tsconfig.json', include: ['*.ts'],
    compilerOptions: {
      noEmit: true, isolatedDeclarations: false, declaration: false, noUnusedParameters: false, rootDir: '../../..',
      paths: {
        'pulsar-wsgi': ['../../../src/index.ts'],
        ...Object.fromEntries(Object.entries(folders).map(([subpath, folder]) => [`pulsar-wsgi${subpath}`, [`../../../src${folder}/index.ts`]])),
        'pulsar-wsgi/*': ['../../../src/*/index.ts'],
      },
    },
  }))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', directory], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
}
