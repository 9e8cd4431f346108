/** Tells how long requests take: the client in `Server-Timing`, the log of those that took long. */
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { Exchange, Fields, Gateway } from '../gateway/exchange.ts'
import { PhaseTimes, type Phases } from '../http/phases.ts'

const now = (): number => performance.now()

/** The gateway as it is, where the settings ask for nothing. */
export function timed(gateway: Gateway, { slowLog, serverTiming }: Pick<Settings, 'slowLog' | 'serverTiming'>, events: Events): Gateway {
  if (slowLog === 0 && !serverTiming) return gateway
  return (exchange) => {
    const times = exchange.times ??= new PhaseTimes(now)
    if (serverTiming) tellClient(exchange, times)
    if (slowLog > 0) {
      exchange.onClose(({ phases, status, cause }) => {
        if (phases === null || phases.total < slowLog * 1000) return
        events.publish('slowRequest', { head: exchange.head, peer: exchange.peer, id: exchange.id, status, cause, phases })
      })
    }
    gateway(exchange)
  }
}

/** The answer's head leaves when it begins: how long it takes to write is not known then. */
function tellClient(exchange: Exchange, times: PhaseTimes): void {
  const field = (): readonly [string, string] => {
    times.begin()
    return ['Server-Timing', serverTiming(times)]
  }
  const answer = exchange.answer.bind(exchange)
  const begin = exchange.begin.bind(exchange)
  exchange.answer = (status, fields, body) => answer(status, withField(fields, field()), body)
  exchange.begin = (status, fields) => begin(status, withField(fields, field()))
}

function withField(fields: Fields, field: readonly [string, string]): Fields {
  return [...fields, field]
}

/** Server Timing section 3: phases that took nothing are left out. */
function serverTiming({ body, queue, application }: Phases): string {
  const given = Object.entries({ body, queue }).filter(([, time]) => time > 0)
  return [...given, ['app', application] as const].map(([name, time]) => `${name};dur=${time.toFixed(1)}`).join(', ')
}
