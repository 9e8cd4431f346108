import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { workerNodeOptions } from '../../src/app/worker-node-options.ts'

const start = { program: process.execPath, nodeOptions: ['--import', 'tsx'], inheritedOptions: '', script: 'a.ts', argv: [], cwd: '/' }

test('a worker has its young generation from the start, on a Node that knows the option', () => {
  const options = workerNodeOptions(start)
  assert.deepEqual(options.slice(1), start.nodeOptions)
  const size = (more: readonly string[]): number => {
    const code = 'process.stdout.write(String(require("v8").getHeapSpaceStatistics().find((s) => s.space_name === "new_space").space_size))'
    return Number(execFileSync(process.execPath, [...more, '-e', code], { encoding: 'utf8' }))
  }
  assert.ok(size([options[0] as string]) > size([]))
})

test('what the user says of it counts', () => {
  const own = { ...start, nodeOptions: ['--max-semi-space-size=4'] }
  assert.deepEqual(workerNodeOptions(own), own.nodeOptions)
  const inherited = { ...start, inheritedOptions: '--max-semi-space-size=4' }
  assert.deepEqual(workerNodeOptions(inherited), inherited.nodeOptions)
})
