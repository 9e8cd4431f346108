/** What the admin server tells, as text for people. */
import type { Requests, Status, WorkerStacks } from '../../app/admin/told.ts'
import { columns, duration, megabytes, printable } from './columns.ts'

export function statusText(status: Status): string {
  const { state, version, node, pid, uptime, addresses, generation, reloads, failedReloads, workersDied } = status
  const head = `pulsar ${version} on Node ${node}, process ${pid}: ${state} for ${duration(uptime)}, ${addresses.join(' ')}\n`
    + `generation ${generation}; ${reloads} reloads, ${failedReloads} given up; ${workersDied} workers died\n`
  const workers = status.workers.map(({ id, pid: own, state: how, generation: of, uptime: age, inFlight, requests, connections, process }) => [
    `${id}`, `${own}`, how, `${of}`, duration(age), `${inFlight}`, `${requests}`, `${connections}`,
    process === null ? '' : megabytes(process.memory), process === null ? '' : duration(process.loopDelay),
    process === null ? '' : `${Math.round(process.utilisation * 100)} %`,
  ])
  const table = columns([['WORKER', 'PID', 'STATE', 'GEN', 'AGE', 'NOW', 'REQUESTS', 'CONN', 'MEMORY', 'LOOP DELAY', 'LOOP BUSY'], ...workers])
  return `${head}\n${table}${pythonText(status)}`
}

function pythonText({ workers }: Status): string {
  const rows = workers.flatMap(({ id, python }) => python.map(({ number, pid, state, busy, threads, taken, uptime, memory, what }) =>
    [`${id}.${number}`, `${pid}`, state, duration(uptime), `${busy}`, `${threads}`, `${taken}`, megabytes(memory), what]))
  if (rows.length === 0) return ''
  const waiting = workers.reduce((sum, { queue }) => sum + queue, 0)
  return `\n${columns([['PYTHON', 'PID', 'STATE', 'AGE', 'NOW', 'THREADS', 'REQUESTS', 'MEMORY', 'APPLICATION'], ...rows])}${waiting} requests wait for a Python worker\n`
}

export function requestsText({ running, slowest, failed, silent }: Requests): string {
  const now = columns([['AGE', 'WORKER', 'CLIENT', '', 'REQUEST'], ...running.map(({ age, worker, client, answering, method, path }) =>
    [duration(age), `${worker}`, client, answering ? 'answering' : '', `${printable(method)} ${printable(path)}`])])
  const past = (requests: Requests['slowest']): string => columns([['WHOLE', 'BODY', 'QUEUE', 'APPLICATION', 'WRITE', 'STATUS', 'WORKER', 'REQUEST', ''],
    ...requests.map(({ whole, body, queue, application, write, status, worker, method, path, cause }) =>
      [duration(whole), duration(body), duration(queue), duration(application), duration(write), `${status}`, `${worker}`, `${printable(method)} ${printable(path)}`, cause ?? (status >= 500 ? `answered ${status}` : '')])])
  const quiet = silent.length === 0 ? '' : `Workers that do not answer: ${silent.join(', ')}; \`pulsar ctl stacks\` tells where they are.\n`
  return `Under way: ${running.length}\n${running.length === 0 ? '' : now}${quiet}`
    + `\nSlowest of ten minutes\n${past(slowest)}\nFailed in ten minutes\n${past(failed)}`
}

export function stacksText(workers: readonly WorkerStacks[]): string {
  return workers.map(({ id, pid, loop, stack, python }) => {
    const head = `worker ${id} (process ${pid}): ${LOOPS[loop]}\n`
    const own = stack === null ? '' : indented(stack)
    const rest = python.map(({ number, pid: of, what, text }) =>
      `\nPython worker ${id}.${number} (process ${of}, ${what})${text === null ? ': it does not tell\n' : `\n${indented(text)}`}`)
    return head + own + rest.join('')
  }).join('\n')
}

const LOOPS: Readonly<Record<WorkerStacks['loop'], string>> = {
  free: 'its event loop is free', blocked: 'its event loop is blocked', unknown: 'it does not tell',
  outside: 'its event loop is blocked outside of JavaScript, in a call of the system or of native code',
}

function indented(text: string): string {
  return `${text.split('\n').map((line) => `    ${printable(line)}`.trimEnd()).join('\n')}\n`
}
