/** A log record as a line for people: time, level, message, then what else is known. */

const colours: Readonly<Record<string, string>> = { debug: '\x1b[2m', info: '\x1b[32m', warning: '\x1b[33m', error: '\x1b[31m', critical: '\x1b[1;31m' }
const RESET = '\x1b[0m'
const SHOWN = new Set(['level', 'time', 'msg', 'pid', 'stack'])

export interface LogRecord {
  readonly level: string
  /** ISO 8601. */
  readonly time: string
  readonly pid: number
  readonly msg: string
  readonly stack?: string
  readonly [key: string]: unknown
}

export function readableLine(record: LogRecord, style: 'plain' | 'coloured'): string {
  const level = record.level.padEnd(8)
  const label = style === 'coloured' ? `${colours[record.level] ?? ''}${level}${RESET}` : level
  let line = `${record.time.slice(11, 23)} ${label} [${record.pid}] ${printable(record.msg)}`
  for (const [key, value] of Object.entries(record)) {
    if (!SHOWN.has(key)) line += ` ${key}=${printable(typeof value === 'string' ? value : JSON.stringify(value))}`
  }
  if (record.stack !== undefined) line += `\n${record.stack.split('\n').map((frame) => `    ${printable(frame)}`).join('\n')}`
  return `${line}\n`
}

/** Nothing that a client wrote may move the cursor or begin a line of its own. */
function printable(text: string): string {
  return text.replaceAll(/[\0-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
