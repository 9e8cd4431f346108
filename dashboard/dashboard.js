/** The page: figures, charts and tables that follow the server, and its buttons. */
import { Chart } from './charts.js'
import { follow, order } from './server.js'
import * as columns from './tables.js'
import { byId, count, duration, element } from './text.js'

const SECONDS = 300
const KEPT = 600
/** Rows of what is over. */
const SHOWN = 10

/** @type {any[]} */
let samples = []
/** @type {any} */
let status = null
/** @type {any[]} */
let settings = []

const charts = {
  throughput: new Chart({ figure: byId('throughput'), seconds: SECONDS, kind: 'area', show: count, name: 'Requests a second' }),
  latency: new Chart({ figure: byId('latency'), seconds: SECONDS, kind: 'lines', show: duration, name: 'Time of requests' }),
  causes: new Chart({ figure: byId('causes'), seconds: SECONDS, kind: 'bars', show: count, name: 'Errors by cause' }),
}

/** @param {any} message */
function take(message) {
  if (message.type === 'hello') {
    samples = message.history
    settings = message.settings
    showSettings()
  } else {
    samples = [...samples.slice(1 - KEPT), message.sample]
  }
  status = message.status
  notice('', 'bad', 'connection')
  showState()
  showFigures()
  showCharts()
  showTables(message.requests)
}

function showState() {
  const { state, version, node, pid, uptime, addresses, wanted, generation } = status
  const badge = byId('state')
  if (badge.textContent !== state) badge.textContent = state
  badge.className = `badge ${state}`
  const workers = wanted === 0 ? 'without workers' : `generation ${generation}, ${wanted} ${wanted === 1 ? 'worker' : 'workers'} wanted`
  byId('about').textContent = `${addresses.join(' ')} · ${workers} · up ${duration(uptime)} · pulsar ${version}, Node ${node}, process ${pid}`
  for (const id of ['reload', 'more', 'fewer', 'stacks']) {
    const button = /** @type {HTMLButtonElement} */ (byId(id))
    button.disabled = state === 'stopping' || (wanted === 0 && id !== 'stacks') || (id === 'fewer' && wanted === 1)
  }
}

function showFigures() {
  const last = samples.at(-1)
  const minute = samples.slice(-60)
  byId('rate').textContent = last === undefined ? '–' : count(last.requests)
  byId('p95').textContent = last === undefined || last.requests === 0 ? '–' : duration(last.p95)
  byId('errors').textContent = count(minute.reduce((sum, { errors }) => sum + errors, 0))
  byId('flight').textContent = count(status.workers.reduce((sum, { inFlight }) => sum + inFlight, 0))
  byId('queue').textContent = count(status.workers.reduce((sum, { queue }) => sum + queue, 0))
}

function showCharts() {
  charts.throughput.show(samples.map(({ at, requests }) => ({ at, values: { requests } })))
  charts.latency.show(samples.map(({ at, requests, p50, p95, p99 }) => (
    { at, values: requests === 0 ? {} : { 'half': p50, '95 %': p95, '99 %': p99 } })))
  charts.causes.show(samples.map(({ at, causes }) => ({ at, values: causes })))
}

/** @param {any} requests */
function showTables({ running, slowest, failed, silent }) {
  table('workers', columns.workers, status.workers, 'No worker runs.')
  byId('deaths').replaceChildren(...status.deaths.slice(0, 5).map(({ at, how }) =>
    element('p', { class: 'dead' }, `${new Date(at).toLocaleTimeString()}: ${how}`)))
  const python = status.workers.flatMap(({ id, python: own }) => own.map((one) => ({ ...one, worker: id })))
  byId('python-section').hidden = python.length === 0
  table('python', columns.pythonWorkers, python, '')
  table('running', columns.running, running, silent.length === 0 ? 'Nothing.' : `Workers that do not answer: ${silent.join(', ')}.`)
  table('slowest', columns.slowest, slowest.slice(0, SHOWN), 'None yet.')
  table('failed', columns.failed, failed.slice(0, SHOWN), 'None.')
}

/** @param {string} id @param {readonly columns.Column[]} of @param {readonly any[]} rows @param {string} empty */
function table(id, of, rows, empty) {
  columns.table(byId(id), of, rows, empty)
}

function showSettings() {
  const { checked } = /** @type {HTMLInputElement} */ (byId('changed'))
  table('settings', columns.settings, checked ? settings.filter(({ value, default: otherwise }) => value !== otherwise) : settings, 'All are the defaults.')
}

/**
 * What the page has to say: why an order failed, or that the server is not there.
 * @param {string} text empty: nothing any more @param {'good' | 'bad'} kind @param {'connection' | 'order'} about
 */
function notice(text, kind, about) {
  const place = byId('notice')
  if (text === '' && place.dataset['about'] !== about) return
  place.hidden = text === ''
  place.textContent = text
  place.className = kind
  place.dataset['about'] = about
}

/** One question at a time. @type {Promise<unknown>} */
let asked = Promise.resolve()

/** @param {() => string} question @returns {Promise<boolean>} */
function confirmed(question) {
  const answer = asked.then(() => confirm(question()))
  asked = answer
  return answer
}

/** @param {string} question @returns {Promise<boolean>} */
function confirm(question) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'))
  byId('question').textContent = question
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }))
}

/** @param {string} id @param {() => string} question @param {() => Promise<string>} act what is done, in words */
function button(id, question, act) {
  byId(id).addEventListener('click', async () => {
    if (!await confirmed(question)) return
    try {
      notice(await act(), 'good', 'order')
    } catch (error) {
      notice(String(error instanceof Error ? error.message : error), 'bad', 'order')
    }
  })
}

/** @param {number} change */
async function scale(change) {
  const workers = Math.max(1, status.wanted + change)
  await order('scale', { workers })
  return `${workers} ${workers === 1 ? 'worker is' : 'workers are'} wanted.`
}

async function reload() {
  await order('reload')
  return 'Reloading: the new version takes over when it serves.'
}

/** @param {any[]} workers */
function showStacks(workers) {
  const loops = {
    free: 'its event loop is free', blocked: 'its event loop is blocked', outside: 'its event loop is blocked outside of JavaScript', unknown: 'it does not tell',
  }
  byId('stacks-text').replaceChildren(...workers.flatMap(({ id, pid, loop, stack, python }) => [
    element('h3', {}, `${id === 0 ? 'The server' : `Worker ${id}`} (process ${pid}): ${loops[loop]}`),
    ...(stack === null ? [] : [element('pre', {}, stack)]),
    ...python.flatMap(({ number, pid: of, what, text }) => [
      element('h3', {}, `Python worker ${id}.${number} (process ${of}, ${what})`), element('pre', {}, text ?? 'it does not tell'),
    ]),
  ]))
  const dialog = /** @type {HTMLDialogElement} */ (byId('show-stacks'))
  dialog.showModal()
}

button('reload', () => 'Load configuration and application anew, and replace all workers?', reload)
button('more', () => `Start one worker more than the ${status.wanted} that are wanted?`, () => scale(1))
button('fewer', () => `Let one of ${status.wanted} workers end? What it has is finished.`, () => scale(-1))
button('stacks', () => 'Ask every worker where it is? One whose event loop is blocked is stopped for a moment.', async () => {
  showStacks(await order('stacks'))
  return ''
})
byId('changed').addEventListener('change', showSettings)

follow(take, () => {
  const badge = byId('state')
  badge.textContent = 'not connected'
  badge.className = 'badge lost'
  notice('The server does not answer; it is tried again.', 'bad', 'connection')
})
