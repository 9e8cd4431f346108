/** An application that brings a gateway of its own: what is not WSGI in TypeScript underneath is reached without a detour. */
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { Gateway } from './exchange.ts'
import type { WSGIApplication } from './wsgi.ts'
import { wsgiGateway } from './wsgi-gateway.ts'

/** A value of a metric of the application's own. */
export interface Measurement {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly value: number
  /** One line for people; empty where there is none. */
  readonly help: string
  readonly labels: Readonly<Record<string, string>>
}

/** What a gateway is told of the server that it works for. */
export interface GatewayContext {
  readonly settings: Settings
  readonly events: Events
  /** Other processes call the same application: `wsgi.multiprocess`. */
  readonly multiprocess: boolean
  /** Sends a message to all who have subscribed to a channel, in this process and beyond; absent where no server runs. */
  readonly publish?: (channel: string, message: string | Uint8Array) => void
  /** Counts what an application has measured. */
  readonly measure?: (value: Measurement) => void
}

/** The property that has the gateway's maker. By name, because the application may be of another copy of this package. */
export const ownGateway: unique symbol = Symbol.for('pulsar.ownGateway')

/** The property that says what an application is, for metrics: `python`, `fetch`, `node`, `static`. Without it, `wsgi`. */
export const applicationKind: unique symbol = Symbol.for('pulsar.applicationKind')

/** A WSGI callable, for whoever calls it as one, that a server need not call. */
export interface ApplicationWithGateway extends WSGIApplication {
  readonly [ownGateway]: (context: GatewayContext) => Gateway
  readonly [applicationKind]?: string
}

/** What an application is, for metrics. */
export function kindOf(application: WSGIApplication): string {
  return (application as Partial<ApplicationWithGateway>)[applicationKind] ?? 'wsgi'
}

/** The application's own gateway, else the one that calls it as PEP 3333 says. */
export function gatewayFor(application: WSGIApplication, context: GatewayContext): Gateway {
  const make = (application as Partial<ApplicationWithGateway>)[ownGateway]
  return make === undefined ? wsgiGateway(application, context) : make(context)
}
