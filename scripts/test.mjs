// npm test [-- [--node PATH | --node-version N] [--no-build] [--again] [test/some.test.ts | test/some/dir]...]
// Installs, builds and compiles what is missing (unless told not to), then runs every test file in a process of its own.
// --again: files that failed are run once more when all others are done, one at a time, and what passes only then is listed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { build, compileTests, filesBelow, install, root, step, StepFailed } from './ensure.mjs'
import { otherNode } from './other-node.mjs'

/** Nothing may hang for ever: milliseconds for one file, and for all. */
const fileLimit = 180_000
const totalLimit = 15 * 60_000
/** Where more files than this have failed, it is not for want of a processor. */
const mostAgain = 4

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'node': { type: 'string' }, 'node-version': { type: 'string' }, 'no-build': { type: 'boolean' }, 'again': { type: 'boolean' } },
})

await step(async () => {
  install()
  if (!values['no-build']) {
    build()
    compileTests()
  }
  const node = values.node ? resolve(values.node) : values['node-version'] ? otherNode(values['node-version']) : process.execPath
  const files = testFiles(positionals)
  if (files.length === 0) throw new StepFailed('no test file matches')
  const started = Date.now()
  const results = await runAll(files, node, started)
  report(results, Date.now() - started)
})

/** Compiled test files, those below the given sources where some are given. */
function testFiles(wanted) {
  const prefixes = wanted.map((path) => join(root, 'build', relative(root, resolve(path))).replace(/\.ts$/, '.js'))
  return filesBelow(join(root, 'build', 'test'))
    .filter((file) => file.endsWith('.test.js'))
    .filter((file) => prefixes.length === 0 || prefixes.some((prefix) => file === prefix || file.startsWith(prefix + sep)))
    .sort()
}

/** A few at a time; results are shown as they come. */
async function runAll(files, node, started) {
  const scratch = mkdtempSync(join(tmpdir(), 'pulsar-test-'))
  const queue = files.map((file, i) => ({ file, record: join(scratch, `${i}.ndjson`) }))
  const run = async (next) => {
    const result = { ...next, ...await runFile(next, node, Math.min(fileLimit, started + totalLimit - Date.now())) }
    show(result)
    return result
  }
  const results = []
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await run(next))
  }
  try {
    await Promise.all(Array.from({ length: Math.max(2, Math.min(4, availableParallelism())) }, work))
    return values.again ? await runAgain(results, run) : results
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

/** Tests that go by the clock fail where processors are scarce: one at a time, they show whether that was it. */
async function runAgain(results, run) {
  const failed = results.filter(({ tests }) => count(tests, 'failed') > 0)
  if (failed.length === 0 || failed.length > mostAgain) return results
  console.log(`\nOnce more, one at a time:`)
  const again = new Map()
  for (const { file, record, tests } of failed) {
    const result = await run({ file, record: `${record}.again` })
    const ok = count(result.tests, 'failed') === 0
    const before = tests.filter(({ outcome }) => outcome === 'failed')
    again.set(file, ok ? { ...result, tests: [...result.tests, ...before.map(({ name }) => ({ name, outcome: 'again' }))] } : result)
  }
  return results.map((result) => again.get(result.file) ?? result)
}

/** One file: what its tests reported, and a failure of its own where the process ended badly or nothing was tested. */
async function runFile({ file, record }, node, limit) {
  const name = relative(join(root, 'build'), file).replace(/\.js$/, '.ts')
  if (limit <= 0) {
    return { name, ms: 0, output: '', tests: [failure(name, `not begun within the ${totalLimit / 60_000} minutes for all`)] }
  }
  const started = Date.now()
  const { status, output, late } = await runProcess(node, [
    '--import', new URL('test/assertions.mjs', import.meta.url).href,
    '--test-reporter', new URL('test/reporter.mjs', import.meta.url).href,
    '--test-reporter-destination', record,
    file,
  ], limit)
  const tests = readRecord(record)
  const notes = tests.filter((test) => test.outcome === 'noted').map((test) => test.detail)
  if (late) tests.push(failure(name, `the file took longer than ${Math.round(limit / 1000)} s: ended`))
  else if (status !== 0 && count(tests, 'failed') === 0) {
    tests.push(failure(name, [`the process ended with ${status}`, ...notes].join('\n')))
  } else if (tests.length === 0) tests.push(failure(name, 'the file has no test'))
  return { name, tests, output, ms: Date.now() - started }
}

function runProcess(node, args, limit) {
  return new Promise((done) => {
    const { NODE_OPTIONS, NODE_TEST_CONTEXT, ...env } = process.env
    // What a test starts as `node` is the Node under test.
    env.PATH = `${dirname(node)}${delimiter}${env.PATH}`
    const child = spawn(node, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let late = false
    const keep = (text) => { output = (output + text).slice(-20_000) }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep)
    const soft = setTimeout(() => { late = true; child.kill('SIGTERM') }, limit)
    const hard = setTimeout(() => { child.kill('SIGKILL'); child.stdout.destroy(); child.stderr.destroy() }, limit + 5_000)
    const end = (status) => { clearTimeout(soft); clearTimeout(hard); done({ status, output, late }) }
    child.once('error', (error) => { output += error.message; end(-1) })
    child.once('close', (code, signal) => end(signal ?? code))
  })
}

function readRecord(record) {
  try {
    return readFileSync(record, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
  } catch (error) {
    if (error.code === 'ENOENT') return [] // the process ended before its first test
    return [failure('the report', `could not be read: ${error.message}`)]
  }
}

function failure(name, why) {
  return { name, outcome: 'failed', detail: why }
}

function count(tests, outcome) {
  return tests.filter((test) => test.outcome === outcome).length
}

function show({ name, tests, output, ms }) {
  const failed = tests.filter((test) => test.outcome === 'failed')
  console.log(`${failed.length ? 'FAIL' : 'ok  '} ${name} (${tests.length} in ${(ms / 1000).toFixed(1)} s)`)
  for (const test of failed) console.log(`\n  ${test.name}\n${indent(test.detail)}\n`)
  if (failed.length && output) console.log(`  its output:\n${indent(output)}\n`)
}

function indent(text) {
  return text.trimEnd().split('\n').map((line) => `    ${line}`).join('\n')
}

function report(results, ms) {
  const all = results.flatMap(({ name, tests }) => tests.map((test) => ({ ...test, file: name })))
  for (const [outcome, title] of [['skipped', 'Skipped'], ['again', 'Passed only when run again, alone'], ['failed', 'Failed']]) {
    const some = all.filter((test) => test.outcome === outcome)
    if (some.length === 0) continue
    console.log(`\n${title}:`)
    for (const { file, name, detail } of some) console.log(`  ${file}: ${name}${outcome === 'skipped' ? `: ${detail}` : ''}`)
  }
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((outcome) => count(all, outcome))
  if (failed > 0 || passed === 0) process.exitCode = 1
  console.log(`\n${results.length} files in ${(ms / 1000).toFixed(1)} s`)
  console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`)
}
