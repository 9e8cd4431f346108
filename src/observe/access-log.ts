/** The access log: a line for each request when it is over, whatever became of it. Off, it costs nothing. */
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { Closing, Exchange, Gateway } from '../gateway/exchange.ts'
import { causes } from '../http/causes.ts'
import { PhaseTimes } from '../http/phases.ts'
import { withFile } from '../process/file-failure.ts'
import { combined } from './access/combined.ts'
import type { AccessEntry, AccessFormat } from './access/entry.ts'
import { json } from './access/json.ts'
import { ownFormat } from './access/own-format.ts'
import { LineFile } from './line-file.ts'

export interface AccessLog {
  /** The gateway, with a line for each of its requests. */
  around(gateway: Gateway): Gateway
  /** Resolves when all lines are written; no request may come any more. */
  close(): Promise<void>
}

const clock = (): number => performance.now()

let askedAt = -Infinity
let offset = 0

/** Of a moment of the clock that never goes back; the system is asked for the time of day once a second. */
function timeOfDay(moment: number): number {
  if (!(moment - askedAt < 1000)) {
    askedAt = clock()
    offset = Date.now() - askedAt
  }
  return Math.floor(offset + moment)
}

/** Undefined where there is to be none. @throws where the file cannot be opened */
export function accessLog({ accessLog: path, accessLogFormat }: Settings, events: Events): AccessLog | undefined {
  if (path === null) return undefined
  const name = path === '-' ? 'standard output' : path
  const file = withFile('the access log cannot be opened', () => new LineFile(path, {
    failed: (error) => events.publish('warning', { text: `the access log, ${name}: ${error.message}` }),
    recovered: (lost) => events.publish('notice', { text: `the access log, ${name}, is written again${lost === 0 ? '' : `; ${lost} lines are lost`}` }),
  }))
  const format = formatOf(accessLogFormat)
  const write = (entry: AccessEntry, closing: Closing, now: number): void => file.write(`${format(entry, closing, now)}\n`)
  const ended = [
    events.subscribe('reopenLogs', () => file.reopen()),
    // What was no request has no exchange either.
    events.subscribe('refused', ({ cause, peer, head }) => {
      if (head !== null) return
      const closing = { cause, status: causes[cause].status, bytes: 0, fields: [], phases: null } as const
      write({ head: null, peer, id: null }, closing, Date.now())
    }),
  ]
  const observe = (exchange: Exchange): void => {
    const times = exchange.times ??= new PhaseTimes(clock)
    // Asked for now: an address is not to be had any more when the client has gone.
    void exchange.peer
    exchange.onClose((closing) => write(exchange, closing, timeOfDay(times.ended)))
  }
  return {
    around: (gateway) => (exchange) => {
      observe(exchange)
      gateway(exchange)
    },
    close: async () => {
      for (const end of ended) end()
      await file.close()
    },
  }
}

function formatOf(format: string): AccessFormat {
  if (format === 'combined') return combined
  return format === 'json' ? json : ownFormat(format)
}
