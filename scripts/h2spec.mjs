// node scripts/h2spec.mjs: the conformance tester of HTTP/2 (summerwind/h2spec), built from its source in .cache/; prints where it is.
// Where there is no Go, or no module comes, it says why and ends with status 3.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from './ensure.mjs'

const VERSION = 'v2.2.1+incompatible'
/** The longest that it may take, milliseconds, and until what failed is tried again. */
const LIMIT = 100_000
const RETRY_AFTER = 120_000

const directory = join(cache, 'h2spec')
const binary = join(directory, 'h2spec')
const failed = join(cache, 'h2spec.failed')

function build() {
  if (existsSync(binary)) return null
  if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < RETRY_AFTER) return 'it could not be built just before'
  mkdirSync(directory, { recursive: true })
  const env = { ...process.env, GOBIN: directory }
  const { status, error, stderr } = spawnSync('go', ['install', `github.com/summerwind/h2spec/cmd/h2spec@${VERSION}`], {
    env, timeout: LIMIT, encoding: 'utf8',
  })
  if (status === 0 && existsSync(binary)) return null
  if (error?.code === 'ENOENT') return 'there is no go on PATH'
  writeFileSync(failed, '')
  return error?.message ?? stderr.trim().split('\n').at(-1)
}

const problem = build()
if (problem === null) {
  console.log(binary)
} else {
  console.error(`pulsar: no h2spec: ${problem}`)
  process.exitCode = 3
}
