/** On what, with what: a figure without it cannot be compared. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { benchDirectory, rootDirectory } from './paths.mjs'
import { wrkVersion } from './wrk.mjs'

const installed = { fastify: ['fastify'], hono: ['hono', '@hono/node-server'], bun: ['bun'] }

function versionOf(name) {
  const path = join(benchDirectory, 'node_modules', name, 'package.json')
  return existsSync(path) ? `${name} ${JSON.parse(readFileSync(path, 'utf8')).version}` : `${name} not installed`
}

function commit() {
  const git = (...words) => spawnSync('git', words, { cwd: rootDirectory, encoding: 'utf8' })
  const head = git('rev-parse', '--short', 'HEAD')
  if (head.status !== 0) return 'not a git checkout'
  return head.stdout.trim() + (git('status', '--porcelain', '--', 'src').stdout === '' ? '' : ', changed since')
}

/** One line on the machine and the versions of what was measured. */
export function describeMachine(node, peerNames) {
  const cores = cpus()
  return [
    `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    `Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)}`,
    ...(peerNames.includes('pulsar') ? [`Pulsar at ${commit()}`] : []),
    ...peerNames.flatMap((name) => installed[name] ?? []).map(versionOf),
    `wrk ${wrkVersion()}`,
  ].join('; ')
}
