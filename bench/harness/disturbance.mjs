import { disturbed } from './clocks.mjs'
import { percent } from './table.mjs'

/** Says below a table which of its rows is doubtful; a row whose cores were not watched has no `others`. */
export function tellDisturbance({ title, others }) {
  if (!(others > disturbed)) return
  console.log(`${title} was disturbed: other processes took ${percent(others)} of its core or of the load's.`)
}
