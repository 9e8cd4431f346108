/** Calls hooks: what they throw is logged, and nothing else happens. */
import type { HookName, Hooks, ServerProcess } from '../config/hooks.ts'
import type { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import type { ConnectionListener } from '../server/server-context.ts'

export class HookCalls {
  private readonly hooks: Hooks
  private readonly events: Events

  constructor(hooks: Hooks, events: Events) {
    this.hooks = hooks
    this.events = events
  }

  /** Resolves when the hook has ended, however it did; undefined where there is nothing to wait for. */
  call<N extends HookName>(name: N, ...given: Parameters<NonNullable<Hooks[N]>>): Promise<void> | undefined {
    const hook = this.hooks[name] as ((...given: unknown[]) => unknown) | undefined
    if (hook === undefined) return undefined
    try {
      const result = hook(...given)
      if (typeof (result as { then?: unknown } | undefined)?.then !== 'function') return undefined
      return Promise.resolve(result).then(() => undefined, (error: unknown) => this.failed(name, error))
    } catch (error) {
      this.failed(name, error)
      return undefined
    }
  }

  /** What the hook throws is for whoever asks. */
  async health(self: ServerProcess): Promise<void> {
    await this.hooks.health?.(self)
  }

  /** The gateway with the hooks of requests around it; the same one where there are none. */
  around(gateway: Gateway): Gateway {
    const { preRequest, postRequest } = this.hooks
    let wrapped = gateway
    if (preRequest !== undefined) {
      wrapped = (exchange) => {
        const waiting = this.call('preRequest', exchange.head, exchange.peer)
        if (waiting === undefined) gateway(exchange)
        // Who waited too long has been answered, or has gone.
        else void waiting.then(() => { if (!exchange.closed) gateway(exchange) })
      }
    }
    if (postRequest === undefined) return wrapped
    return (exchange) => {
      const begun = performance.now()
      exchange.onClose(({ status, bytes, cause }) => {
        const { head, peer } = exchange
        void this.call('postRequest', { head, peer, status, bytes, cause, duration: performance.now() - begun })
      })
      wrapped(exchange)
    }
  }

  /** Undefined where no hook wants to know of connections. */
  get connectionListener(): ConnectionListener | undefined {
    const { connectionMade, connectionLost } = this.hooks
    if (connectionMade === undefined && connectionLost === undefined) return undefined
    return {
      opened: (peer) => { void this.call('connectionMade', peer) },
      closed: (peer) => { void this.call('connectionLost', peer) },
    }
  }

  private failed(name: HookName, error: unknown): void {
    this.events.publish('failure', { text: `the hook ${name} failed`, error })
  }
}
