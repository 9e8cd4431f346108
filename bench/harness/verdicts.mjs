/** What was asked of Pulsar beside what was measured. */
import { median } from './statistics.mjs'

/** The ratio of Pulsar to a peer, per round, then the median: drift of the machine between rounds cancels out. */
export function ratio(pulsar, other, measure) {
  return median(pulsar.rounds.map((round, index) => round[measure] / other.rounds[index][measure]))
}

/** Whether a value reaches a limit: at most for what costs, at least for what is gained. */
export function judge(value, { must, aim, atLeast }) {
  const reaches = (limit) => (atLeast ? value >= limit : value <= limit)
  if (aim !== undefined && reaches(aim)) return 'aim met'
  return reaches(must) ? 'met' : 'MISSED'
}

const words = { cpu: 'CPU per request', rps: 'requests/s' }

/** Rows of `[what, asked, measured, verdict]`; those whose peer was not measured, or not without errors, are left out. */
export function verdicts(scenario, rows) {
  const row = (name) => rows.find(({ peer, errors }) => peer === name && errors === '')
  const pulsar = row('pulsar')
  if (pulsar === undefined) return []
  return scenario.asks.filter(({ of }) => row(of) !== undefined).map(({ measure, of, must, aim }) => {
    const atLeast = measure === 'rps'
    const value = ratio(pulsar, row(of), measure)
    const asked = `${atLeast ? 'at least' : 'at most'} ${must}x${aim === undefined ? '' : `, aim ${aim}x`}`
    return [`${words[measure]}, of ${row(of).title}`, asked, `${value.toFixed(2)}x`, judge(value, { must, aim, atLeast })]
  })
}
