/** Fetches what a run needs, when it needs it: the peers of bench/package.json, a build of Pulsar. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, npm } from '../../scripts/ensure.mjs'
import { benchDirectory } from './paths.mjs'

const direct = Object.keys(JSON.parse(readFileSync(join(benchDirectory, 'package.json'), 'utf8')).dependencies)

function packages(...path) {
  const file = join(benchDirectory, ...path)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/** The peers from npm, in the versions of the lock file. */
export function installPeers() {
  const wanted = packages('package-lock.json')
  const present = packages('node_modules', '.package-lock.json')
  const key = (name) => `node_modules/${name}`
  if (direct.every((name) => wanted[key(name)].version === present[key(name)]?.version)) return
  console.error('bench: installing the peers')
  npm(['ci', '--no-audit', '--no-fund'], benchDirectory)
}

/** dist/ as src/ is now: figures of a stale build would be somebody else's. */
export function buildPulsar() {
  install()
  build()
}
