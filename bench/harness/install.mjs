/** Fetches what a run needs, when it needs it: the peers of bench/package.json, another Node, a build of Pulsar. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { benchDirectory, rootDirectory } from './paths.mjs'
import { Trouble } from './trouble.mjs'

function run(command, words, cwd) {
  console.error(`> ${command} ${words.join(' ')}`)
  const { status, error } = spawnSync(command, words, { cwd, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Trouble(`\`${command} ${words.join(' ')}\` failed${error === undefined ? '' : `: ${error.message}`}.`)
}

/** The peers from npm, as the lock file has them. */
export function installPeers() {
  if (existsSync(join(benchDirectory, 'node_modules', '.package-lock.json'))) return
  run('npm', ['ci', '--no-fund', '--no-audit'], benchDirectory)
}

/** The path of a Node of that major version, from npm into .cache/. */
export function installNode(major) {
  const folder = join(rootDirectory, '.cache', `node-${major}`)
  const name = `node-linux-${process.arch}`
  const binary = join(folder, 'node_modules', name, 'bin', 'node')
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  run('npm', ['install', '--no-save', '--no-fund', '--no-audit', '--prefix', folder, `${name}@${major}`], folder)
  if (!existsSync(binary)) throw new Trouble(`${name}@${major} has no bin/node.`)
  return binary
}

/** Builds dist/: figures of a stale build would be somebody else's. */
export function buildPulsar() {
  if (!existsSync(join(rootDirectory, 'node_modules', '.package-lock.json'))) run('npm', ['ci', '--no-fund', '--no-audit'], rootDirectory)
  run('npm', ['run', '--silent', 'build'], rootDirectory)
}
