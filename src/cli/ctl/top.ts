/** A live view on a terminal: drawn anew each second, until q or Ctrl-C. */
import type { Requests, Status } from '../../app/admin/told.ts'
import type { AdminClient } from './admin-client.ts'
import { columns, duration, printable } from './columns.ts'
import { statusText } from './reports.ts'

const SECOND = 1000
/** Of a terminal that does not tell its size, such as a serial line: it says 0. */
const ROWS = 24
const COLUMNS = 80
/** Home, and away with what is below; the cursor is hidden meanwhile. */
const HOME = '\x1b[H'
const REST = '\x1b[J'
const LINE_END = '\x1b[K'
const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'

/** Resolves when it was left. Where the output is no terminal, views follow one another. */
export async function top(client: AdminClient): Promise<void> {
  const { stdin, stdout } = process
  const terminal = stdout.isTTY === true
  let over = false
  let wake: () => void = () => undefined
  const leave = (): void => {
    over = true
    wake()
  }
  const pressed = (keys: Buffer): void => { if (/[q\x03]/.test(keys.toString('latin1'))) leave() }
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)
  stdout.once('error', leave)
  if (terminal) {
    stdout.write(ENTER)
    if (stdin.isTTY) stdin.setRawMode(true)
    stdin.on('data', pressed)
  }
  let before: { readonly at: number, readonly requests: number } | undefined
  try {
    while (!over) {
      const [status, requests] = await Promise.all([client.get<Status>('/status'), client.get<Requests>('/requests')])
      const now = { at: performance.now(), requests: status.workers.reduce((sum, worker) => sum + worker.requests, 0) }
      const text = view(status, requests, before === undefined ? null : Math.max(0, now.requests - before.requests) * 1000 / (now.at - before.at))
      before = now
      stdout.write(terminal ? `${HOME}${fitted(text, stdout.rows || ROWS, stdout.columns || COLUMNS)}${REST}` : `${text}\n`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SECOND)
        wake = () => { clearTimeout(timer); resolve() }
      })
    }
  } finally {
    if (terminal) {
      stdin.off('data', pressed)
      if (stdin.isTTY) stdin.setRawMode(false)
      stdin.pause()
      stdout.write(LEAVE)
    }
  }
}

function view(status: Status, { running, silent }: Requests, rate: number | null): string {
  const rows = running.map(({ age, worker, method, path }) => [duration(age), `${worker}`, `${printable(method)} ${printable(path)}`])
  const quiet = silent.length === 0 ? '' : `; workers that do not answer: ${silent.join(', ')}`
  return `${statusText(status)}\n${rate === null ? '' : `${Math.round(rate)} requests a second; `}${running.length} under way${quiet}\n${
    rows.length === 0 ? '' : columns([['AGE', 'WORKER', 'REQUEST'], ...rows])}`
}

function fitted(text: string, rows: number, width: number): string {
  return text.split('\n').slice(0, rows - 1).map((line) => `${line.slice(0, width)}${LINE_END}`).join('\n')
}
