/** `node bench/memory.mjs`: the memory of a server after 100,000 requests and after 1,000,000; what grows, leaks. */
import { begin, conclude, inTurn } from './harness/in-turn.mjs'
import { readOptions } from './harness/options.mjs'
import { helloProbe, scenarios } from './harness/scenarios.mjs'
import { settledMemory } from './harness/settled-memory.mjs'
import { count } from './harness/table.mjs'
import { runMain } from './harness/trouble.mjs'
import { describeErrors, runWrk } from './harness/wrk.mjs'

const usage = 'node bench/memory.mjs [options]'
const few = 100_000
const many = 1_000_000

async function work(server) {
  let done = 0
  const errors = new Set()
  const until = async (requests) => {
    while (done < requests && errors.size === 0) {
      const figures = await runWrk(server.port, scenarios.hello.load, 1)
      done += figures.requests
      if (figures.requests === 0) errors.add('no request was answered')
      if (describeErrors(figures.errors) !== '') errors.add(describeErrors(figures.errors))
    }
    return { requests: done, memory: (await settledMemory(server.pid)) / 1024 }
  }
  const early = await until(few)
  const late = await until(many)
  return {
    earlyRequests: early.requests, early: early.memory,
    lateRequests: late.requests, late: late.memory,
    growth: late.memory / early.memory,
    errors: [...errors].join('; '),
  }
}

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 1 })
  if (options === null) return 0
  const { peers, machine, cores } = begin(options, ['pulsar', 'node'])
  const rows = await inTurn({ peers, kind: 'hello', rounds: options.rounds, cores, probe: helloProbe, work })
  return conclude({
    name: 'memory',
    title: 'memory: hello, 64 kept-alive connections, in bursts of 1 s; at rest after at least 100,000 and 1,000,000 requests',
    machine,
    head: ['requests', 'memory', 'requests', 'memory', 'growth'],
    cells: (row) => [
      count(row.earlyRequests), `${row.early.toFixed(1)} MiB`,
      count(row.lateRequests), `${row.late.toFixed(1)} MiB`, `${row.growth.toFixed(3)}x`,
    ],
    rows,
    asks: [{
      what: 'memory after the many, of that after the few',
      value: ({ growth }) => growth,
      show: (value) => `${value.toFixed(3)}x`,
      must: 1.05,
    }],
  })
}

await runMain(main)
