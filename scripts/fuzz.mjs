// npm run fuzz [-- --seed N --from N --streams N --minutes N --no-build | --tables]
// The long form of the differential test against node:http: generated streams of one to three requests, every difference
// explained by a row of test/fuzz/differences.ts. A run of the same seed goes on where another ended with --from.
// --tables prints the tables of docs/conformance.md.
import { parseArgs } from 'node:util'
import { compileTests, install, step, StepFailed } from './ensure.mjs'

const { values } = parseArgs({
  options: {
    'seed': { type: 'string', default: String(Date.now() % 2 ** 31) },
    'from': { type: 'string', default: '0' },
    'streams': { type: 'string', default: '1000000' },
    'minutes': { type: 'string', default: '30' },
    'no-build': { type: 'boolean' },
    'tables': { type: 'boolean' },
  },
})

const number = (name) => {
  const value = Number(values[name])
  if (!Number.isFinite(value) || value < 0) throw new StepFailed(`--${name} ${values[name]} is not a number`)
  return value
}

await step(async () => {
  install()
  if (!values['no-build']) compileTests()
  if (values.tables) {
    const { differencesTable } = await import('../build/test/fuzz/differences.js')
    const { corpusTable } = await import('../build/test/support/corpus-table.js')
    console.log(`${differencesTable()}\n\n${corpusTable()}`)
    return
  }
  const { fuzz } = await import('../build/test/fuzz/differential.js')
  const [seed, from, streams] = [number('seed'), number('from'), number('streams')]
  console.log(`Node ${process.versions.node}, llhttp ${process.versions.llhttp}, seed ${seed}, from stream ${from}`)
  const started = Date.now()
  const result = await fuzz({
    seed, from, streams, time: number('minutes') * 60_000,
    progress: ({ streams, requests }) => console.log(`  ${streams} streams, ${requests} requests, ${Math.round((Date.now() - started) / 1000)} s`),
  })
  report(result, seed, from)
})

function report({ streams, requests, agreed, agreedRefusals, differences, unexplained }, seed, from) {
  console.log(`\n${streams} streams with ${requests} requests; both readers agree on ${agreed} (${agreedRefusals} of them refused by both)`)
  console.log(`go on with: npm run fuzz -- --seed ${seed} --from ${from + streams}\n`)
  for (const [name, count] of [...differences].sort((a, b) => b[1] - a[1])) console.log(`${String(count).padStart(8)}  ${name}`)
  for (const { stream, difference } of unexplained) {
    console.log(`\nno rule for stream ${stream}: ${difference.what}: ours ${difference.ours}, theirs ${difference.theirs}\n  ${JSON.stringify(difference.text)}`)
  }
  if (unexplained.length > 0) throw new StepFailed(`${unexplained.length} differences without a rule`)
}
