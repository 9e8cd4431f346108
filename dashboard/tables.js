/** Tables of the page. */
import { clock, duration, element, memory } from './text.js'

/**
 * @typedef {{ head: string, kind?: 'number' | 'path' | 'optional' | 'number optional', cell: (row: any) => string | Node }} Column
 */

/** @param {HTMLElement} place @param {readonly Column[]} columns @param {readonly any[]} rows @param {string} empty */
export function table(place, columns, rows, empty) {
  if (rows.length === 0) {
    place.replaceChildren(element('p', { class: 'empty' }, empty))
    return
  }
  const head = element('tr', {}, ...columns.map(({ head: text, kind = '' }) => element('th', { scope: 'col', class: kind }, text)))
  const body = rows.map((row) => element('tr', {}, ...columns.map(({ kind = '', cell }) => {
    const content = cell(row)
    return element('td', typeof content === 'string' && kind === 'path' ? { class: kind, title: content } : { class: kind }, content)
  })))
  const { scrollLeft } = place
  place.replaceChildren(element('table', {}, element('thead', {}, head), element('tbody', {}, ...body)))
  place.scrollLeft = scrollLeft
}

const badge = (/** @type {string} */ state) => element('span', { class: `badge ${state}` }, state)

/** @type {Column[]} */
export const workers = [
  { head: 'Worker', cell: ({ id, pid }) => id === 0 ? `process ${pid}` : `${id}` },
  { head: 'State', cell: ({ state }) => badge(state) },
  { head: 'Generation', kind: 'number optional', cell: ({ generation }) => `${generation}` },
  { head: 'Process', kind: 'number optional', cell: ({ pid }) => `${pid}` },
  { head: 'Age', kind: 'number', cell: ({ uptime }) => duration(uptime) },
  { head: 'Under way', kind: 'number', cell: ({ inFlight }) => `${inFlight}` },
  { head: 'Requests', kind: 'number', cell: ({ requests }) => `${requests}` },
  { head: 'Connections', kind: 'number optional', cell: ({ connections }) => `${connections}` },
  { head: 'Memory', kind: 'number', cell: ({ process }) => process === null ? '' : memory(process.memory) },
  { head: 'Loop delay', kind: 'number', cell: ({ process }) => process === null ? '' : duration(process.loopDelay) },
  { head: 'Loop busy', kind: 'number', cell: ({ process }) => process === null ? '' : `${Math.round(process.utilisation * 100)} %` },
]

/** @type {Column[]} */
export const pythonWorkers = [
  { head: 'Worker', cell: ({ worker, number }) => `${worker}.${number}` },
  { head: 'State', cell: ({ state }) => badge(state) },
  { head: 'Process', kind: 'number optional', cell: ({ pid }) => `${pid}` },
  { head: 'Age', kind: 'number', cell: ({ uptime }) => duration(uptime) },
  { head: 'Under way', kind: 'number', cell: ({ busy, threads }) => `${busy} of ${threads}` },
  { head: 'Requests', kind: 'number', cell: ({ taken }) => `${taken}` },
  { head: 'Memory', kind: 'number', cell: ({ memory: bytes }) => memory(bytes) },
  { head: 'Application', kind: 'path', cell: ({ what }) => what },
]

/** @type {Column[]} */
export const running = [
  { head: 'Age', cell: ({ age }) => duration(age) },
  { head: 'Worker', cell: ({ worker }) => `${worker}` },
  { head: 'Request', kind: 'path', cell: ({ method, path }) => `${method} ${path}` },
  { head: 'Client', kind: 'optional', cell: ({ client }) => client },
  { head: '', kind: 'optional', cell: ({ answering }) => answering ? 'answering' : '' },
]

/** @type {Column[]} */
export const slowest = [
  { head: 'When', kind: 'optional', cell: ({ at }) => clock(at) },
  { head: 'Took', kind: 'number', cell: ({ whole }) => duration(whole) },
  { head: 'Queue', kind: 'number optional', cell: ({ queue }) => duration(queue) },
  { head: 'Application', kind: 'number optional', cell: ({ application }) => duration(application) },
  { head: 'Write', kind: 'number optional', cell: ({ write }) => duration(write) },
  { head: 'Status', kind: 'number', cell: ({ status }) => status === 0 ? '–' : `${status}` },
  { head: 'Request', kind: 'path', cell: ({ method, path }) => `${method} ${path}` },
]

/** @type {Column[]} */
export const failed = [
  { head: 'When', cell: ({ at }) => clock(at) },
  { head: 'Took', kind: 'number optional', cell: ({ whole }) => duration(whole) },
  { head: 'Status', kind: 'number', cell: ({ status }) => status === 0 ? '–' : `${status}` },
  { head: 'Request', kind: 'path', cell: ({ method, path }) => `${method} ${path}` },
  { head: 'Cause', cell: ({ cause, status }) => cause ?? `answered ${status}` },
]

/** @type {Column[]} */
export const settings = [
  { head: 'Setting', cell: ({ name }) => name },
  { head: 'Value', kind: 'path', cell: ({ value }) => value ?? '(not set)' },
  { head: 'From', cell: ({ source }) => source },
  { head: 'Default', kind: 'optional', cell: ({ default: otherwise }) => otherwise ?? '(not set)' },
]
