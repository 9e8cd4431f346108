/** A Python WSGI application as one of TypeScript: served directly where a server has it bare, else called with an environ. */
import { unlink } from 'node:fs'
import { resolve } from 'node:path'
import { Events } from '../events.ts'
import type { Closing, Exchange } from '../gateway/exchange.ts'
import { applicationKind, ownGateway, type ApplicationWithGateway, type GatewayContext } from '../gateway/own-gateway.ts'
import { registerService } from '../gateway/service.ts'
import type { Environ, StartResponse, WSGIApplication, WSGIBody } from '../gateway/wsgi.ts'
import { errorAnswer } from '../gateway/error-answer.ts'
import type { Call } from './call.ts'
import { environValues } from './environ-values.ts'
import type { PythonOptions } from './options.ts'
import { pythonGateway } from './python-gateway.ts'
import { PythonService, type RunningPool } from './python-service.ts'
import { BodyTooLong, readBody, type Incoming, type ReadyBody } from './request-body.ts'
import { environAsksForWebSocket } from './websocket-request.ts'
import { WsgiCaller } from './wsgi-caller.ts'

/** Bytes that are read at a time. */
const PORTION = 65_536

/**
 * A Python WSGI application, run in processes of its own, as a WSGI application like any other: for a server, under a prefix,
 * or wrapped by middleware, whose entries in the environ Python sees as far as JSON has values like them.
 * The processes are started with the server, and end with it; without a server, with the first call.
 * @param target `package.module:callable` or `path/to/app.py:callable`; the callable may be an attribute of an object or the
 *   call of a factory, `app:create_app()`; without one it is `application`, then `app`
 */
export function python(target: string, options: PythonOptions = {}): WSGIApplication {
  const service = new PythonService(target, options, resolve(options.cwd ?? ''))
  const application: WSGIApplication = (environ, startResponse) => service.kept(() => call(service, environ, startResponse))
  const gateway: ApplicationWithGateway[typeof ownGateway] = (context) => {
    registerService(service)
    return pythonGateway(service, context)
  }
  return Object.assign(application, { [ownGateway]: gateway, [applicationKind]: 'python' })
}

async function call(service: PythonService, environ: Environ, startResponse: StartResponse): Promise<WSGIBody> {
  const running = service.running ?? await service.use(contextOf(environ))
  const incoming = incomingOf(environ)
  const tunnelled = environAsksForWebSocket(environ)
  if (tunnelled && !running.websockets) service.tellOfWebSockets(running.events)
  if (tunnelled && running.websockets) {
    return submit({ service, running, environ, startResponse, incoming }, (caller) => running.pool.submitTunnel(caller, environValues(environ)))
  }
  let ready: ReadyBody
  try {
    ready = await readBody(incoming, running.bodies)
  } catch (error) {
    if (!(error instanceof BodyTooLong)) throw error
    const { status, fields, body } = errorAnswer('buffer-full', null)
    startResponse(status, [...fields])
    return [body]
  }
  const { kind, body, file } = ready
  return submit({ service, running, environ, startResponse, incoming, file },
    (caller) => running.pool.submit(caller, { environ: environValues(environ), kind, body }))
}

interface Submission {
  readonly service: PythonService
  readonly running: RunningPool
  readonly environ: Environ
  readonly startResponse: StartResponse
  readonly incoming: Incoming
  /** Removed when the request is over. */
  readonly file?: string | undefined
}

function submit(submission: Submission, send: (caller: WsgiCaller) => Call): Promise<WSGIBody> {
  const { service, running: { pool, events }, environ, startResponse, incoming, file } = submission
  let submitted: Call | undefined
  let over!: () => void
  void service.kept(() => new Promise<void>((resolve) => { over = resolve }))
  const caller = new WsgiCaller({
    environ, startResponse, incoming, events,
    abandoned: () => { if (submitted !== undefined) pool.cancel(submitted) },
    finished: () => {
      over()
      if (file !== undefined) unlink(file, () => undefined)
    },
  })
  const sent = submitted = send(caller)
  // What the server knows of the end of the exchange, which the contract's own type does not tell.
  const listener = (closing?: Closing): void => {
    if (sent.state === 'over' || closing?.cause === null) return
    if (closing?.cause === 'application-timeout') pool.interrupt(sent)
    else pool.cancel(sent)
  }
  const exchange = environ['pulsar.connection'] as (Environ['pulsar.connection'] & Pick<Exchange, 'times'>) | undefined
  exchange?.times?.ready(sent)
  exchange?.onClose(listener)
  return caller.body
}

function incomingOf(environ: Environ): Incoming {
  const { CONTENT_LENGTH: announced } = environ
  return {
    length: announced !== undefined && /^\d{1,15}$/.test(announced) ? Number(announced) : null,
    pull: (size = PORTION) => environ['wsgi.input'].read(size),
  }
}

/** Where no server runs: the settings are in the environ, and the log is `wsgi.errors`. */
function contextOf(environ: Environ): GatewayContext {
  const events = new Events()
  const errors = environ['wsgi.errors']
  events.subscribe('warning', ({ text }) => errors.write(`${text}\n`))
  events.subscribe('failure', ({ text, stack }) => errors.write(`${text}\n${stack ?? ''}`))
  return { settings: environ['pulsar.cfg'], events, multiprocess: environ['wsgi.multiprocess'] }
}
