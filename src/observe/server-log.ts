/** The server's log: listens to events and writes a line for each that an operator should see. */
import { createRequire } from 'node:module'
import type { DestinationStream, Level, Logger, pino as Pino } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import { causes } from '../http/causes.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { traceOf } from '../http/trace-context.ts'
import { withFile } from '../process/file-failure.ts'
import { readableLine, type LogRecord } from './readable-line.ts'

/** Our names for pino's levels. */
const levels: Readonly<Record<Settings['logLevel'], Level | 'silent'>> = {
  debug: 'debug', info: 'info', warning: 'warn', error: 'error', critical: 'fatal', none: 'silent',
}
const names: Readonly<Record<string, string>> = { trace: 'debug', debug: 'debug', info: 'info', warn: 'warning', error: 'error', fatal: 'critical' }

export interface ServerLog {
  info(text: string): void
  warning(text: string): void
  /** The error with its stack and its causes. */
  critical(text: string, error?: unknown): void
}

const require = createRequire(import.meta.url)

/**
 * A log on standard error is opened with its first line: a new worker, for which connections may wait, begins without.
 * @throws where the log file cannot be opened
 */
export function serverLog(settings: Settings, events: Events): ServerLog {
  let opened: Logger | undefined
  let { logLevel } = settings
  const logger = (): Logger => opened ??= open({ ...settings, logLevel }, events)
  events.subscribe('logLevel', ({ level }) => {
    logLevel = level
    if (opened !== undefined) opened.level = levels[level]
  })
  if (settings.logFile !== null) logger()
  listen(logger, events)
  return {
    info: (text) => logger().info(text),
    warning: (text) => logger().warn(text),
    critical: (text, error) => logger().fatal(error === undefined ? {} : { stack: stackOf(error) }, text),
  }
}

function open(settings: Settings, events: Events): Logger {
  const { pino } = require('pino') as { pino: typeof Pino }
  const { logFile } = settings
  const output = logFile === null ? pino.destination({ fd: 2, sync: true })
    : withFile('the log file cannot be opened', () => pino.destination({ dest: logFile, sync: true, mkdir: false }))
  // A full disk or a closed pipe under the log must not take requests down, and there is nowhere else to say it.
  output.on('error', () => undefined)
  if (logFile !== null) events.subscribe('reopenLogs', () => output.reopen())
  return pino({
    level: levels[settings.logLevel], timestamp: pino.stdTimeFunctions.isoTime, base: { pid: process.pid },
    formatters: { level: (label) => ({ level: names[label] ?? label }) },
  }, formatted(settings, output))
}

function formatted(settings: Settings, output: DestinationStream): DestinationStream {
  const terminal = settings.logFile === null && process.stderr.isTTY
  if ((settings.logFormat ?? (terminal ? 'readable' : 'json')) === 'json') return output
  return { write: (line) => { output.write(readableLine(JSON.parse(line) as LogRecord, terminal ? 'coloured' : 'plain')) } }
}

function listen(logger: () => Logger, events: Events): void {
  events.subscribe('serving', ({ address }) => logger().info({ address }, `serving on ${address}`))
  events.subscribe('draining', ({ connections }) => logger().info(`stopping: ${connections} connections are still open`))
  events.subscribe('stopped', () => logger().info('stopped'))
  events.subscribe('warning', ({ text, error }) => logger().warn(error === undefined ? {} : { stack: stackOf(error) }, text))
  events.subscribe('requestQueued', ({ head, peer, id, queued }) => {
    logger().debug({ ...request(peer, head, id), queued: Math.round(queued) }, 'the request waited for a Python worker')
  })
  events.subscribe('slowRequest', ({ head, peer, id, status, cause, phases: { body, queue, application, write, total } }) => {
    const phases = { body: Math.round(body), queue: Math.round(queue), application: Math.round(application), write: Math.round(write) }
    logger().warn({ ...request(peer, head, id), status, ...(cause === null ? {} : { cause }), ...phases }, `slow: the request took ${Math.round(total)} ms`)
  })
  events.subscribe('notice', ({ text }) => logger().info(text))
  events.subscribe('failure', ({ text, error, stack, requests }) => {
    const known = stack ?? (error === undefined ? undefined : stackOf(error))
    logger().error({ ...(requests === undefined ? {} : { requests }), ...(known === undefined ? {} : { stack: known }) }, text)
  })
  events.subscribe('errorsWritten', ({ text, id }) => {
    const trimmed = text.replace(/\n+$/, '')
    if (trimmed !== '') logger().error({ source: 'wsgi.errors', id }, trimmed)
  })
  events.subscribe('applicationError', ({ error, peer, head, id }) => {
    logger().error({ ...request(peer, head, id), stack: stackOf(error) }, `the application failed: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`)
  })
  events.subscribe('refused', ({ cause, detail, peer, head, id }) => {
    // The error itself was logged when it was thrown.
    if (cause === 'application-error') return
    // A warning says so for all of them.
    if (cause === 'descriptors-short') return
    const { status, fault } = causes[cause]
    const fields = { cause, ...(status === 0 ? {} : { status }), ...request(peer, head, id) }
    if (cause === 'client-gone') logger().debug(fields, detail)
    else if (fault === 'client') logger().warn(fields, detail)
    else logger().error(fields, detail)
  })
}

function request(peer: Peer, head: RequestHead | null, id: string | null): object {
  const client = peer.remoteAddress === '' ? 'unix' : `${peer.remoteAddress}:${peer.remotePort}`
  if (head === null) return { peer: client }
  const trace = traceOf(head)
  return { id, peer: client, method: head.method, path: head.path, ...(trace === undefined ? {} : { trace }) }
}

/** The stack, and those of what caused it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const stack = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`
}
