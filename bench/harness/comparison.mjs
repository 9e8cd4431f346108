/** Pulsar beside one or two peers at something of the toolkit: the table, what disturbed it, and the verdicts. */
import { tellDisturbance } from './disturbance.mjs'
import { count, percent, table } from './table.mjs'
import { verdicts } from './verdicts.mjs'

const head = ['server', 'requests/s', 'CPU us/request', 'memory', 'core', 'errors']

function cells(row) {
  if (row.errors !== '') return [row.title, '-', '-', '-', '-', row.errors]
  return [
    row.title, `${count(row.rps)} ±${percent(row.rpsSpread)}`, `${row.cpu.toFixed(1)} ±${percent(row.cpuSpread)}`,
    `${row.memory.toFixed(0)} MiB`, percent(row.core), 'none',
  ]
}

/** @param more verdicts besides those that the scenario asks for */
export function printComparison(scenario, rows, more = []) {
  console.log(`\n${scenario.title}\n\n${table(head, rows.map(cells))}`)
  for (const row of rows) tellDisturbance(row)
  const judged = [...verdicts(scenario, rows), ...more]
  if (judged.length > 0) console.log(`\n${table(['Pulsar', 'asked', 'measured', 'verdict'], judged)}`)
}
