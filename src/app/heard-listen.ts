/**
 * Scripts that start their own http.Server: while a TARGET is loaded, and for as long as it is served, the listen() of its server
 * is heard and not carried out. This server listens in its place, with the settings of the command.
 */
import { createRequire } from 'node:module'
import { Server, type AddressInfo } from 'node:net'
import type { Server as HttpServer } from 'node:http'
import { formatAddress, type Address } from '../config/address.ts'

/** A server that was told to listen. */
export interface Heard {
  readonly server: HttpServer
  /** As `--bind` has it; null where the script leaves it to the system. */
  readonly bind: string | null
  /** It would have spoken TLS. */
  readonly tls: boolean
}

/** A script may listen so long after its import, as long as something of it is under way; in milliseconds. */
const PATIENCE = 30_000
/** Between two looks whether something is, in milliseconds, and how many find nothing before it is believed. */
const LOOK = 20
const LOOKS = 5

const hearings: Hearing[] = []

export class Hearing {
  heard: Heard | undefined
  private open = true
  /** The application that was found without: a server around it does not listen either. */
  private served: unknown
  private readonly before: number = underWay()
  private arrived: (() => void) | undefined

  constructor() {
    install()
    hearings.push(this)
  }

  /** The first listen() that comes behind the import, undefined where nothing is under way any more from which one could come. */
  async later(): Promise<Heard | undefined> {
    const late = Date.now() + PATIENCE
    for (let still = 0; this.heard === undefined && still < LOOKS && Date.now() < late;) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve
        setTimeout(resolve, LOOK)
      })
      still = underWay() > this.before ? 0 : still + 1
    }
    return this.heard
  }

  /** What is served was found by other means. */
  serves(application: unknown): void {
    this.served = application
  }

  /** From here on other servers listen themselves. */
  close(): void {
    this.open = false
  }

  /**
   * The server is the one that was heard, or has its listener, as Fastify's for another address of localhost,
   * or is around what is served.
   */
  knows(server: Server): boolean {
    const { heard, served } = this
    if (heard?.server === server || served === server || (served as { server?: unknown } | undefined)?.server === server) return true
    const known: readonly unknown[] = heard === undefined ? [served] : heard.server.listeners('request')
    return server.listeners('request').some((listener) => known.includes(listener))
  }

  /** True where this is what it waits for. */
  hears(server: Server, { bind }: Asked, tls: boolean): boolean {
    if (!this.open || this.heard !== undefined) return false
    this.heard = { server: server as HttpServer, bind, tls }
    this.arrived?.()
    return true
  }
}

/** What could still lead to something: timers, files, connections; standard output and what is being closed do not. */
function underWay(): number {
  return process.getActiveResourcesInfo().filter((name) => !['PipeWrap', 'TTYWrap', 'CloseReq'].includes(name)).length
}

interface Asked {
  readonly bind: string | null
  readonly address: AddressInfo | string
  readonly callback: (() => void) | undefined
}

let installed = false

function install(): void {
  if (installed) return
  installed = true
  const { listen } = Server.prototype
  Server.prototype.listen = function (this: Server, ...parameters: unknown[]): Server {
    return hear(this, parameters) ? this : Reflect.apply(listen, this, parameters) as Server
  } as typeof listen
}

function hear(server: Server, parameters: readonly unknown[]): boolean {
  const tls = 'setSecureContext' in server && server.listenerCount('request') > 0
  if (!tls && !isHttp(server)) return false
  const asked = askedFor(parameters)
  if (asked === undefined) return false
  const heard = hearings.some((hearing) => hearing.knows(server)) || hearings.some((hearing) => hearing.hears(server, asked, tls))
  if (heard) pretend(server, asked)
  return heard
}

/** Loaded already where there is one: not loaded here for those who have none. */
function isHttp(server: Server): boolean {
  if (server.constructor === Server) return false
  const http = createRequire(import.meta.url)('node:http') as typeof import('node:http')
  return server instanceof http.Server
}

/** The forms of listen(); undefined for a handle of the script's own. */
function askedFor(parameters: readonly unknown[]): Asked | undefined {
  const last = parameters.at(-1)
  const callback = typeof last === 'function' ? last as () => void : undefined
  const [first, second] = callback === undefined ? parameters : parameters.slice(0, -1)
  if (typeof first === 'object' && first !== null) {
    const { port, host, path, fd } = first as { port?: unknown, host?: unknown, path?: unknown, fd?: unknown }
    if (typeof path === 'string' && port === undefined) return unix(path, callback)
    if (fd !== undefined || '_handle' in first) return undefined
    return tcp(port, host, callback)
  }
  return typeof first === 'string' && !/^\d+$/.test(first) ? unix(first, callback) : tcp(first, second, callback)
}

function unix(path: string, callback: Asked['callback']): Asked {
  return { bind: formatAddress({ kind: 'unix', path }), address: path, callback }
}

function tcp(port: unknown, host: unknown, callback: Asked['callback']): Asked {
  const number = Number(port ?? 0)
  const address: Address = { kind: 'tcp', host: typeof host === 'string' && host !== '' ? host : null, port: number }
  const shown = address.host ?? '::'
  return {
    bind: port === undefined || port === null ? null : formatAddress(address),
    address: { address: shown, port: number, family: shown.includes(':') ? 'IPv6' : 'IPv4' }, callback,
  }
}

/** For the script its server listens, until it closes it. */
function pretend(server: Server, { address, callback }: Asked): void {
  if (callback !== undefined) server.once('listening', callback)
  Object.defineProperties(server, {
    listening: { value: true, writable: true, configurable: true },
    address: { value: () => address, configurable: true },
    close: { value: (done?: () => void) => closed(server, done), configurable: true },
  })
  process.nextTick(() => server.emit('listening'))
}

function closed(server: Server, done: (() => void) | undefined): Server {
  Object.assign(server, { listening: false })
  if (done !== undefined) server.once('close', done)
  process.nextTick(() => server.emit('close'))
  return server
}
