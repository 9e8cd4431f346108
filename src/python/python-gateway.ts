/** The direct way: an exchange goes to a Python worker without an environ in JavaScript. */
import { unlink } from 'node:fs'
import type { Exchange, Gateway } from '../gateway/exchange.ts'
import type { GatewayContext } from '../gateway/own-gateway.ts'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import { environText } from './environ-text.ts'
import type { Call } from './call.ts'
import { ExchangeCaller } from './exchange-caller.ts'
import type { Pool } from './pool.ts'
import type { PythonService, RunningPool } from './python-service.ts'
import { BodyTooLong, readBody, type ReadyBody } from './request-body.ts'
import { asksForWebSocket } from './websocket-request.ts'

export function pythonGateway(service: PythonService, context: GatewayContext): Gateway {
  const { events, settings: { scriptName } } = context

  const submit = (exchange: Exchange, { pool, spools }: RunningPool, { kind, body, file }: ReadyBody): void => {
    const caller = new ExchangeCaller(exchange, context, spools, () => { if (file !== undefined) unlink(file, () => undefined) })
    const call = pool.submit(caller, { environ: environText(exchange, scriptName), kind, body })
    exchange.times?.ready(call)
    watch(exchange, pool, call)
  }

  const tunnel = (exchange: Exchange, { pool, spools }: RunningPool): void => {
    const caller = new ExchangeCaller(exchange, context, spools, () => undefined)
    const call = pool.submitTunnel(caller, environText(exchange, scriptName))
    exchange.times?.ready(call)
    watch(exchange, pool, call)
  }

  const watch = (exchange: Exchange, pool: Pool, call: Call): void => {
    exchange.onClose(({ cause }) => {
      const { queued } = call
      if (queued >= 1) events.publish('requestQueued', { head: exchange.head, peer: exchange.peer, id: exchange.id, queued })
      if (call.state === 'over' || cause === null) return
      if (cause === 'application-timeout') pool.interrupt(call)
      else pool.cancel(call)
    })
  }

  const failed = (exchange: Exchange, error: unknown): void => {
    if (error instanceof BodyTooLong) exchange.fail('buffer-full', error.message)
    else if (error instanceof ExchangeClosed) exchange.fail(error.reason, error.message)
    else {
      events.publish('applicationError', { error, head: exchange.head, peer: exchange.peer, id: exchange.id })
      exchange.fail('application-error', String(error))
    }
  }

  const withBody = (exchange: Exchange, running: RunningPool): void => {
    try {
      if (exchange.body.length === 0 && asksForWebSocket(exchange.head)) {
        if (running.websockets) {
          tunnel(exchange, running)
          return
        }
        service.tellOfWebSockets(events)
      }
      const ready = readBody(exchange.body, running.bodies)
      if (!(ready instanceof Promise)) {
        submit(exchange, running, ready)
        return
      }
      exchange.times?.awaitBody()
      ready.then((body) => submit(exchange, running, body)).catch((error: unknown) => failed(exchange, error))
    } catch (error) {
      failed(exchange, error)
    }
  }

  return (exchange) => {
    const { running } = service
    if (running !== undefined) withBody(exchange, running)
    else service.use(context).then((pool) => withBody(exchange, pool)).catch((error: unknown) => failed(exchange, error))
  }
}
