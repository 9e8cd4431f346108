/** The examples of docs/python.md do what it says of them, by the command; its options are options. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { flagOf } from '../../src/config/names.ts'
import { settingNames } from '../../src/config/table.ts'
import { projectRoot } from '../support/project.ts'
import { withoutPython3 } from '../support/python-environment.ts'
import { request } from '../support/raw-client.ts'
import { startCommand } from '../support/start-command.ts'

const page = readFileSync(join(projectRoot, 'docs', 'python.md'), 'utf8')
/** By their file names, which their first lines say. */
const examples = new Map([...page.matchAll(/^```(?:python|ts)\n(?:#|\/\/) (\S+)\n([^]*?)^```$/gm)]
  .map(([, name = '', code = '']) => [name, code] as const))
const comment = String.raw`^(?:#|\/\/) `
const skip = withoutPython3()

mkdirSync(join(projectRoot, 'build'), { recursive: true })
const directory = mkdtempSync(join(projectRoot, 'build', 'python-page-'))
after(() => { rmSync(directory, { recursive: true, force: true }) })
for (const [name, code] of examples) writeFileSync(join(directory, name), `${name.endsWith('.py') ? '#' : '//'} ${name}\n${code}`)

const served = [...examples].filter(([, code]) => code.includes(' => '))

test('every example of the page is run, by itself or by another', () => {
  assert.equal([...page.matchAll(/^```(?:python|ts)$/gm)].length, examples.size)
  for (const [name] of examples) {
    const used = served.some(([other, code]) => other === name || code.includes(`'${name.replace('.py', '')}:`))
    assert.ok(used, name)
  }
})

for (const [name, code] of served) {
  test(`${name} does what the page says`, { skip }, async () => {
    const args = new RegExp(`${comment}pulsar (.*)$`, 'm').exec(code)?.[1]?.split(' ') ?? []
    const server = await startCommand(['-b', '127.0.0.1:0', ...args], { cwd: directory, env: { VIRTUAL_ENV: undefined } })
    for (const [line, method = '', path, field, status, body = ''] of code.matchAll(
      new RegExp(`${comment}([A-Z]+) (\\S+?)(?:, (\\S+: \\S+))? => (\\d{3}) (".*")$`, 'gm'),
    )) {
      const fields = `Host: a.example\r\nConnection: close\r\n${field === undefined ? '' : `${field}\r\n`}`
      const answer = await request(server.address, `${method} ${path} HTTP/1.1\r\n${fields}\r\n`, method)
      assert.deepEqual([answer.status, answer.body.toString()], [Number(status), JSON.parse(body)], line)
    }
    const { code: exit, stderr } = await server.stop()
    assert.equal(exit, 0, stderr)
  })
}

test('the example of README.md is the first of the page', () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8')
  const [, code = ''] = /^```python\n# hello\.py\n([^]*?)^```$/m.exec(readme) ?? []
  assert.notEqual(code, '')
  assert.ok(examples.get('hello.py')?.startsWith(code))
})

test('every option that the page names is one', () => {
  const known = new Set(settingNames.map(flagOf))
  const named = [...page.matchAll(/`(--[a-z-]+)/g)].map(([, flag = '']) => flag).filter((flag) => !['--print-config', '--from-gunicorn'].includes(flag))
  assert.ok(named.length > 15)
  assert.deepEqual(named.filter((flag) => !known.has(flag)), [])
})

test('the versions that the page names are those of test/python/requirements.txt', () => {
  const requirements = readFileSync(join(projectRoot, 'test', 'python', 'requirements.txt'), 'utf8')
  for (const name of ['Flask', 'Django', 'gunicorn']) {
    const version = new RegExp(`^${name}==(\\d+\\.\\d+)`, 'm').exec(requirements)?.[1]
    assert.ok(version !== undefined && page.includes(`${name} ${version}`), name)
  }
})

test('the examples in TypeScript are right in their types', () => {
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({
    extends: '../../tsconfig.json', include: ['*.ts'], compilerOptions: { noEmit: true, isolatedDeclarations: false, declaration: false, rootDir: '../..' },
  }))
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', directory], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})
