// node scripts/other-node.mjs 24: another Node, from npm, in .cache/; prints where its binary is.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cache, npm, step } from './ensure.mjs'

/** The binary of the newest Node of a major version; of an exact one where `version` is. Installed once. */
export function otherNode(version) {
  if (!/^\d+(\.\d+\.\d+)?$/.test(version ?? '')) throw new TypeError(`not a Node version: ${version}`)
  const name = `node-${process.platform}-${process.arch}`
  const prefix = join(cache, `node-${version}`)
  const binary = join(prefix, 'node_modules', name, 'bin', 'node')
  if (existsSync(binary)) return binary
  mkdirSync(prefix, { recursive: true })
  npm(['install', '--prefix', prefix, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', `${name}@${version}`], prefix)
  return binary
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await step(() => console.log(otherNode(process.argv[2])))
}
