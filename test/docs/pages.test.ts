/** What README, CHANGELOG and the pages of docs/ refer to is there, and what they count is so. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { rooms, type Room } from '../checks/rooms.ts'
import { projectRoot } from '../support/project.ts'

const pages: readonly string[] = [
  'README.md', 'SECURITY.md', 'CHANGELOG.md', 'bench/README.md', ...readdirSync(join(projectRoot, 'docs')).map((name) => `docs/${name}`),
]

function read(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8')
}

/** What stands in code is no link. */
function withoutCode(path: string): string {
  return read(path).replaceAll(/^```[^]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
}

/** As GitHub makes them of headings. */
function anchorsOf(path: string): readonly string[] {
  return [...read(path).matchAll(/^#+ (.*)$/gm)]
    .map(([, heading = '']) => heading.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-'))
}

/** The cells of a page's table rows, without heads and rules. */
function rowsOf(text: string): string[][] {
  const rows = [...text.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(' | '))
  return rows.filter(([first]) => !first?.startsWith('---'))
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
}

test('every page links only to files and headings that exist', () => {
  const links = pages.flatMap((page) => [...withoutCode(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)]
    .map(([link, path = '', anchor]) => ({ page, link, path: path === '' ? page : join(dirname(page), path), anchor })))
  assert.ok(links.length > 20)
  for (const { page, link, path, anchor } of links) {
    assert.ok(existsSync(join(projectRoot, path)), `${page}: ${link}`)
    if (anchor !== undefined) assert.ok(anchorsOf(path).includes(anchor), `${page}: ${link}`)
  }
})

test('every file of the project that a page names exists', () => {
  const named = pages.flatMap((page) => quoted(read(page).replaceAll(/^```[^]*?^```$/gm, ''))
    .filter((text) => /^(?:src|test|docs|examples|scripts|bench)\/[\w./-]*$/.test(text) && !text.startsWith('bench/results'))
    .filter((text) => text !== 'bench/node_modules/').map((path) => ({ page, path })))
  assert.ok(named.length > 40)
  for (const { page, path } of named) assert.ok(existsSync(join(projectRoot, path)), `${page}: ${path}`)
})

test('the rooms of docs/architecture.md are those of src/, and may import what the check allows', () => {
  const page = read('docs/architecture.md')
  const rows = rowsOf(page.slice(page.indexOf('\n## Rooms\n'), page.indexOf('\n## The seam\n'))).slice(1)
  const sources = readdirSync(join(projectRoot, 'src'), { recursive: true }).map(String).filter((path) => path.endsWith('.ts'))
  const present = new Set(sources.map((path) => (path.split(/[/\\]/)[0] as string).replace(/\.ts$/, '')))
  const named = new Set(rows.map(([name = '']) => quoted(name)[0]))
  assert.deepEqual([...present].filter((room) => !named.has(room)), [], 'the page has a row for each room')
  for (const [name = '', job = '', imports = ''] of rows) {
    const room = rooms.find((one) => one.name === quoted(name)[0]) as Room
    assert.equal(job.endsWith('. Pure'), room.pure === true, `${room.name} is pure`)
    if (room.imports === 'all') assert.equal(imports, 'all')
    else if (room.name === 'app') {
      assert.equal(imports, 'every room but `cli` and `index`')
      const all = rooms.map((one) => one.name).filter((one) => !['app', 'cli', 'index'].includes(one) && !one.includes('/'))
      assert.deepEqual(room.imports.filter((one) => !one.includes('/')).sort(), all.sort())
    } else assert.deepEqual(quoted(imports), [...room.imports, ...(room.types ?? [])], room.name)
  }
})

interface Locked {
  readonly version: string
  readonly license: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly hasInstallScript?: true
}

const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, Locked>> }

/** Every package that comes with one, without optional binaries. */
function brought(name: string, found: Set<string> = new Set()): Set<string> {
  for (const next of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) {
    if (found.has(next)) continue
    found.add(next)
    brought(next, found)
  }
  return found
}

test('docs/dependencies.md has every dependency, with its licence and how many others it brings', () => {
  type Manifest = Readonly<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Manifest
  const page = read('docs/dependencies.md')
  const [, atRunTime = '', forDevelopment = ''] = page.split(/^## (?:At run time|For development)$/m)
  for (const [text, names] of [[atRunTime, Object.keys(dependencies)], [forDevelopment, Object.keys(devDependencies)]] as const) {
    const rows = rowsOf(text).slice(1).map(([name = '', license, count]) => [quoted(name)[0], license, count])
    const wanted = names.map((name) => [name, packages[`node_modules/${name}`]?.license, String(brought(name).size)])
    assert.deepEqual(rows.sort(), wanted.sort())
  }
})

test('only esbuild has an install script, as docs/dependencies.md says', () => {
  const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
  assert.deepEqual(withScript.filter((path) => path !== 'node_modules/fsevents'), ['node_modules/esbuild'])
})
