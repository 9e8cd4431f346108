/** What the admin server answers. */
import type { Exchange, Gateway } from '../../gateway/exchange.ts'
import { fieldValue } from '../../http/request-head.ts'
import { exposition } from '../metrics/exposition.ts'
import { denial, type AccessRules, type Sort } from './access.ts'
import { answerJson, answerText } from './answer.ts'
import { NotPossible, type Control, type LogLevel } from './control.ts'
import type { PageFiles } from './page-files.ts'

export interface AdminOptions {
  readonly control: Control
  readonly rules: AccessRules
  readonly files: PageFiles
  /** Takes the page's WebSocket. */
  readonly live: Gateway
  readonly failed: (error: unknown) => void
}

type Handler = (exchange: Exchange, options: AdminOptions) => void | Promise<void>

interface Route {
  readonly sort: Sort
  readonly method: 'GET' | 'POST'
  readonly handle: Handler
}

/** Of a request's body, in bytes. */
const LONGEST = 4096
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warning', 'error', 'critical', 'none']
const MOST_WORKERS = 1024

const get = (sort: Sort, handle: Handler): Route => ({ sort, method: 'GET', handle })
const post = (handle: (control: Control, given: Readonly<Record<string, unknown>>) => unknown): Route =>
  ({ sort: 'steer', method: 'POST', handle: (exchange, { control }) => steer(exchange, (given) => handle(control, given)) })

const routes: Readonly<Record<string, Route>> = {
  '/livez': get('open', (exchange) => answerText(exchange, '200 OK', 'text/plain', 'ok\n')),
  '/readyz': get('open', async (exchange, { control }) => {
    const health = await control.health()
    answerJson(exchange, health.ready ? '200 OK' : '503 Service Unavailable', health)
  }),
  '/status': get('read', (exchange, { control }) => answerJson(exchange, '200 OK', control.status())),
  '/settings': get('read', (exchange, { control }) => answerJson(exchange, '200 OK', control.settings())),
  '/history': get('read', (exchange, { control }) => answerJson(exchange, '200 OK', control.history.all())),
  '/requests': get('read', async (exchange, { control }) => answerJson(exchange, '200 OK', await control.requests())),
  '/metrics': get('read', async (exchange, { control }) => {
    const { contentType, text } = await exposition(await control.metrics(), fieldValue(exchange.head.fields, 'accept') ?? '')
    answerText(exchange, '200 OK', contentType, text)
  }),
  '/live': get('read', (exchange, { live }) => live(exchange)),
  '/stacks': post((control) => control.stacks()),
  '/reload': post((control) => control.reload()),
  '/reopen': post((control) => control.reopenLogs()),
  '/scale': post((control, { workers }) => {
    if (typeof workers !== 'number' || !Number.isSafeInteger(workers) || workers < 1 || workers > MOST_WORKERS) {
      throw new BadRequest(`workers: a whole number from 1 to ${MOST_WORKERS}`)
    }
    control.scale(workers)
  }),
  '/loglevel': post((control, { level }) => {
    const known = LEVELS.find((one) => one === level)
    if (known === undefined) throw new BadRequest(`level: one of ${LEVELS.join(', ')}`)
    control.logLevel(known)
  }),
  '/stop': post((control, { grace }) => {
    if (grace !== undefined && (typeof grace !== 'number' || !(grace >= 0))) throw new BadRequest('grace: seconds')
    control.stop(grace)
  }),
}

export function adminGateway(options: AdminOptions): Gateway {
  return (exchange) => {
    const { path } = exchange.head
    const route = Object.hasOwn(routes, path) ? routes[path] as Route : pageRoute(path, options.files)
    if (route === undefined) return answerJson(exchange, '404 Not Found', { error: 'there is no such path' })
    const denied = denial(exchange.head, route.sort, options.rules)
    if (denied !== null) return refuse(exchange, denied.status, denied.why)
    const { method } = exchange.head
    if (method !== route.method && !(method === 'HEAD' && route.method === 'GET')) {
      exchange.answer('405 Method Not Allowed', [['Allow', route.method === 'GET' ? 'GET, HEAD' : 'POST']])
      return
    }
    run(exchange, route, options)
  }
}

function refuse(exchange: Exchange, status: string, why: string): void {
  const challenge = status.startsWith('401') ? [['WWW-Authenticate', 'Bearer realm="pulsar"'] as const] : []
  answerText(exchange, status, 'application/json', `${JSON.stringify({ error: why })}\n`, challenge)
}

function run(exchange: Exchange, route: Route, options: AdminOptions): void {
  const crashed = (error: unknown): void => {
    if (exchange.closed) return
    options.failed(error)
    exchange.fail('application-error', String(error))
  }
  try {
    const waiting = route.handle(exchange, options)
    if (waiting !== undefined) waiting.catch(crashed)
  } catch (error) {
    crashed(error)
  }
}

function pageRoute(path: string, files: PageFiles): Route | undefined {
  const file = files.find(path)
  return file === undefined ? undefined : get('page', async (exchange) => {
    answerText(exchange, '200 OK', file.type, await file.read(), [['Content-Security-Policy', files.policy]])
  })
}

class BadRequest extends Error {}

async function steer(exchange: Exchange, act: (given: Readonly<Record<string, unknown>>) => unknown): Promise<void> {
  // A form of another site cannot send this type without asking first.
  if (!/^application\/json *(;|$)/i.test(fieldValue(exchange.head.fields, 'content-type') ?? '')) {
    return answerJson(exchange, '415 Unsupported Media Type', { error: 'the body is JSON, with Content-Type: application/json' })
  }
  try {
    const result = await act(await bodyOf(exchange))
    answerJson(exchange, '200 OK', result ?? { done: true })
  } catch (error) {
    if (error instanceof BadRequest) answerJson(exchange, '400 Bad Request', { error: error.message })
    else if (error instanceof NotPossible) answerJson(exchange, '409 Conflict', { error: error.message })
    else throw error
  }
}

async function bodyOf({ body }: Exchange): Promise<Readonly<Record<string, unknown>>> {
  const bytes = (await body.pull(LONGEST + 1)) ?? new Uint8Array(0)
  if (bytes.length > LONGEST) throw new BadRequest(`a body of at most ${LONGEST} bytes`)
  if (bytes.length === 0) return {}
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  } catch {
    // Told below, as for JSON that is no object.
  }
  throw new BadRequest('a body that is one JSON object')
}
