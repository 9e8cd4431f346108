import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

interface Statistics {
  median(values: number[]): number
  spread(values: number[]): number
  percentile(values: number[], part: number): number
}

interface Row {
  peer: string
  title: string
  errors: string
  rounds: { cpu: number; rps: number }[]
}

interface Verdicts {
  verdicts(scenario: { asks: { measure: string; of: string; must: number; aim?: number }[] }, rows: Row[]): string[][]
}

interface Tree {
  name: string
  self: number
  total: number
  children: Tree[]
}

interface CpuProfile {
  callTree(profile: unknown, window?: { from: number; to: number }): Tree
  selfTimes(tree: Tree): { name: string; self: number }[]
}

interface FlameGraph {
  flameGraph(title: string, tree: Tree): string
}

/** bench/ is plain JavaScript beside the compiled project: found from the root of the repository. */
async function harness<Module>(name: string): Promise<Module> {
  return await import(pathToFileURL(resolve('bench/harness', name)).href) as Module
}

const row = (peer: string, cpu: number[], errors = ''): Row => (
  { peer, title: peer, errors, rounds: cpu.map((value) => ({ cpu: value, rps: 1000 / value })) })

test('the median of an even number of values is the mean of the two in the middle, in numeric order', async () => {
  const { median } = await harness<Statistics>('statistics.mjs')
  assert.equal(median([100, 9, 20]), 20)
  assert.equal(median([100, 9, 20, 30]), 25)
})

test('the spread is half of the range as a part of the median', async () => {
  const { spread } = await harness<Statistics>('statistics.mjs')
  assert.equal(spread([90, 100, 110]), 0.1)
  assert.equal(spread([7]), 0)
})

test('a percentile is a value that was measured: the smallest that the part does not exceed', async () => {
  const { percentile } = await harness<Statistics>('statistics.mjs')
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  assert.equal(percentile(values, 0.5), 50)
  assert.equal(percentile(values, 0.99), 99)
  assert.equal(percentile(values, 1), 100)
})

test('a verdict compares round by round, at most for cost and at least for throughput', async () => {
  const { verdicts } = await harness<Verdicts>('verdicts.mjs')
  const asks = [{ measure: 'cpu', of: 'node', must: 0.6, aim: 0.4 }, { measure: 'rps', of: 'node', must: 3 }]
  // The machine is twice as slow in the second round: the ratio is 0.5 all the same.
  const judged = verdicts({ asks }, [row('pulsar', [10, 20, 10]), row('node', [20, 40, 20])])
  assert.deepEqual(judged.map(([, , measured, verdict]) => [measured, verdict]), [['0.50x', 'met'], ['2.00x', 'MISSED']])
})

test('a run with errors is not a figure: nothing is judged by it', async () => {
  const { verdicts } = await harness<Verdicts>('verdicts.mjs')
  const asks = [{ measure: 'cpu', of: 'node', must: 2 }]
  assert.deepEqual(verdicts({ asks }, [row('pulsar', [10]), row('node', [20], 'status 3')]), [])
  assert.deepEqual(verdicts({ asks }, [row('pulsar', [10], 'read 1'), row('node', [20])]), [])
  assert.equal(verdicts({ asks }, [row('pulsar', [10]), row('node', [20])]).length, 1)
})

/** (root) calls a, which calls b and c; two samples in b, one in a, one idle. */
const callFrame = (functionName: string) => ({ functionName, url: '', lineNumber: 0 })
const profile = {
  startTime: 1000,
  endTime: 1500,
  nodes: [
    { id: 1, callFrame: callFrame('(root)'), children: [2, 5] },
    { id: 2, callFrame: callFrame('a'), children: [3, 4] },
    { id: 3, callFrame: callFrame('b</script>') },
    { id: 4, callFrame: callFrame('c') },
    { id: 5, callFrame: callFrame('(idle)') },
  ],
  samples: [3, 2, 5, 3, 3],
  timeDeltas: [0, 100, 50, 200, 25],
}

test('a profile becomes a tree of times, without what was idle', async () => {
  const { callTree, selfTimes } = await harness<CpuProfile>('cpu-profile.mjs')
  const tree = callTree(profile)
  assert.equal(tree.total, 175)
  assert.deepEqual(tree.children.map(({ name, self, total }) => ({ name, self, total })), [{ name: 'a', self: 50, total: 175 }])
  assert.deepEqual(selfTimes(tree).map(({ name, self }) => [name, self]), [['b</script>', 125], ['a', 50]])
})

test('samples outside of the time of the load are left out of a profile', async () => {
  const { callTree } = await harness<CpuProfile>('cpu-profile.mjs')
  assert.equal(callTree(profile, { from: 1100, to: 1150 }).total, 50)
})

test('no function name ends the script of a flame graph early', async () => {
  const { callTree } = await harness<CpuProfile>('cpu-profile.mjs')
  const { flameGraph } = await harness<FlameGraph>('flame-graph.mjs')
  const page = flameGraph('a < b', callTree(profile))
  assert.equal(page.split('</script>').length, 2)
  assert.match(page, /<title>a &lt; b<\/title>/)
})
