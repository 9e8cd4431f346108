/** Listeners and the connections they accept: starts, limits, drains. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { statSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { formatAddress, type Address } from '../config/address.ts'
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import { latin1Of } from '../http/latin1.ts'
import { Http1Connection } from './http1-connection.ts'
import { ServerContext } from './server-context.ts'

/** How long a kept-alive connection may still bring a request that was on its way when the server began to stop, in milliseconds. */
const SILENCE = 250

export class HttpServer {
  private readonly context: ServerContext
  private readonly settings: Settings
  private readonly events: Events
  private closed: Promise<void> | undefined
  private accepted = 0
  private readonly listeners: { readonly address: Address; readonly server: Server }[] = []

  constructor(gateway: Gateway, settings: Settings, events: Events) {
    this.settings = settings
    this.events = events
    this.context = new ServerContext(gateway, settings, events)
  }

  /**
   * Listens on every address of the settings, or on none.
   * @throws {Error} naming the address, with Node's `code`, where one cannot be had
   */
  async listen(): Promise<void> {
    try {
      for (const address of this.settings.bind) await this.listenOn(address)
    } catch (error) {
      for (const { server } of this.listeners.splice(0)) server.close()
      throw error
    }
    for (const address of this.addresses) this.events.publish('serving', { address: urlOf(address) })
  }

  /** The addresses bound, with the ports that the system chose. */
  get addresses(): readonly Address[] {
    return this.listeners.map(({ address, server }) => boundAddress(address, server))
  }

  get connections(): number {
    return this.context.connections.size
  }

  /**
   * Accepts no more, lets what runs come to its end, and cuts what is not over after `grace` seconds.
   * Kept-alive connections end with their next answer, or after a short silence.
   */
  async close(grace: number): Promise<void> {
    this.closed ??= this.drain()
    const cut = setTimeout(() => this.cut(grace), grace * 1000)
    await this.closed
    clearTimeout(cut)
  }

  private async drain(): Promise<void> {
    const { context, events } = this
    context.retire()
    await this.emptyBacklog()
    const closings = this.listeners.splice(0).map(({ server }) => closeListener(server))
    if (context.connections.size > 0) {
      events.publish('draining', { connections: context.connections.size })
      const empty = new Promise<void>((resolve) => { context.emptied = resolve })
      const silence = setTimeout(() => {
        for (const connection of context.connections) connection.endSilence()
      }, SILENCE)
      await empty
      clearTimeout(silence)
    }
    await Promise.all(closings)
    events.publish('stopped', {})
  }

  /** Closing a listener resets whom the system has connected and nobody has accepted yet: a turn of the loop accepts one. */
  private async emptyBacklog(): Promise<void> {
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    await turn()
    for (let left = this.settings.backlog; left > 0; left--) {
      const before = this.accepted
      await turn()
      if (this.accepted === before) return
    }
  }

  private cut(grace: number): void {
    const { connections } = this.context
    this.events.publish('warning', { text: `${connections.size} connections were not over after ${grace} s and are cut` })
    for (const connection of connections) connection.stop()
  }

  private async listenOn(address: Address): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => this.accept(socket))
    if (address.kind === 'unix') await clearStale(address.path)
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(address, error)))
      server.listen({ ...listenOptions(address), backlog: this.settings.backlog }, resolve)
    })
    server.removeAllListeners('error')
    server.on('error', (error) => this.events.publish('warning', { text: `accepting on ${formatAddress(address)}: ${error.message}`, error }))
    this.listeners.push({ address, server })
  }

  private accept(socket: Socket): void {
    this.accepted++
    const { maxConnections } = this.settings
    if (maxConnections > 0 && this.context.connections.size >= maxConnections) this.refuse(socket)
    else new Http1Connection(this.context, socket)
  }

  /** One connection too many gets its answer without being read from. */
  private refuse(socket: Socket): void {
    const { context } = this
    const { status, fields, body } = context.errorAnswer('overload', null)
    context.writer.head(status, fields, { version: '1.1', isHead: false, persistent: false, bodyLength: body.length })
    const peer = { remoteAddress: socket.remoteAddress ?? '', remotePort: socket.remotePort ?? 0, localAddress: socket.localAddress ?? '', localPort: socket.localPort ?? 0, encrypted: false }
    this.events.publish('refused', { cause: 'overload', detail: `${context.connections.size} connections are open`, peer, head: null })
    socket.on('error', () => socket.destroy())
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('end', () => socket.destroy())
    socket.end(context.writer.text + latin1Of(body), 'latin1')
    socket.resume()
  }
}

function listenOptions(address: Address): object {
  switch (address.kind) {
    case 'unix': return { path: address.path }
    case 'fd': return { fd: address.fd }
    case 'tcp': return address.host === null ? { port: address.port } : { host: address.host, port: address.port }
  }
}

function closeListener(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

function boundAddress(address: Address, server: Server): Address {
  if (address.kind !== 'tcp') return address
  return { kind: 'tcp', host: address.host, port: (server.address() as AddressInfo).port }
}

function urlOf(address: Address): string {
  if (address.kind !== 'tcp') return formatAddress(address)
  const host = address.host ?? '0.0.0.0'
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use', EACCES: 'permission denied', EADDRNOTAVAIL: 'the address is not one of this machine',
  ENOTFOUND: 'the host is unknown', EINVAL: 'not a socket that can listen', ENOTSOCK: 'not a socket', EBADF: 'not an open descriptor',
  ENOENT: 'its directory does not exist',
}

function cannotListen(address: Address, error: NodeJS.ErrnoException): Error {
  const reason = reasons[error.code ?? ''] ?? error.message
  return Object.assign(new Error(`cannot listen on ${formatAddress(address)}: ${reason}`, { cause: error }), { code: error.code })
}

/** A unix socket's file outlives a killed server; one that nobody answers on is removed. */
async function clearStale(path: string): Promise<void> {
  try {
    if (!statSync(path).isSocket()) return
  } catch {
    return
  }
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => resolve(true)).on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
    probe.on('connect', () => probe.destroy())
  })
  if (!alive) unlinkSync(path)
}
