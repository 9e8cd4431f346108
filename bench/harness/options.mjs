/** The options that all scripts of bench/ share. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { otherNode } from '../../scripts/other-node.mjs'
import { Trouble } from './trouble.mjs'

const help = `
  --peers a,b    which of pulsar, onread, raw, node, fastify, hono, bun
  --node NODE    the Node under test: a path, or a major version to fetch from npm into .cache/ (default: this one)
  --rounds N     how often each server is measured
  --secs N       seconds of load per measurement, whole ones
  --help         this text`

function wholeNumber(name, text, fallback) {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Trouble(`--${name} takes a whole number of 1 or more, not "${text}".`)
  return value
}

function findNode(text) {
  if (text === undefined) return process.execPath
  const path = /^\d+$/.test(text) ? otherNode(text) : resolve(text)
  const { status } = spawnSync(path, ['--version'])
  if (status !== 0) throw new Trouble(`--node takes a path of a Node or a major version; "${text}" does not run.`)
  return path
}

/**
 * @param defaults `{ rounds, secs }`
 * @returns null after --help, else `{ words, peers, node, rounds, secs }`, peers undefined where not given
 */
export function readOptions(usage, defaults) {
  const option = { type: 'string' }
  let parsed
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { peers: option, node: option, rounds: option, secs: option, help: { type: 'boolean' } },
    })
  } catch (error) {
    throw new Trouble(`${error.message}\n\nUsage: ${usage}\n${help}`)
  }
  const { values, positionals } = parsed
  if (values.help) {
    console.log(`Usage: ${usage}\n${help}`)
    return null
  }
  return {
    words: positionals,
    peers: values.peers?.split(',').map((name) => name.trim()),
    node: findNode(values.node),
    rounds: wholeNumber('rounds', values.rounds, defaults.rounds),
    secs: wholeNumber('secs', values.secs, defaults.secs),
  }
}
