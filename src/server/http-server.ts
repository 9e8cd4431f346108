/** Listeners and the connections they accept: starts, limits, drains. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { formatAddress, type Address } from '../config/address.ts'
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import type { Peer } from '../http/peer.ts'
import { socketOf } from '../sockets/accepted-socket.ts'
import { readCredentials, type Credentials } from './credentials.ts'
import { DescriptorLimit } from './descriptors.ts'
import { Http1Connection } from './http1-connection.ts'
import { peerOf } from './socket-peer.ts'
import { cannotListen } from './listen-error.ts'
import { ProxyIntroduction } from './proxy-introduction.ts'
import { SecureConnections } from './secure-connections.ts'
import { ServerContext, type ConnectionListener, type Tracked } from './server-context.ts'
import { TurnedAway, type Lack } from './turned-away.ts'
import { clearStale } from './unix-path.ts'
import { wiresFor } from './wires.ts'

/** How long a kept-alive connection may still bring a request that was on its way when the server began to stop, in seconds. */
const SILENCE = 0.25

export interface CloseOptions {
  /** Seconds after which what still runs is cut. */
  readonly grace: number
  /** Seconds after which silent connections are closed. */
  readonly silence?: number
  /** Who has connected and was not accepted yet: `leave` where other processes accept from the same sockets. */
  readonly backlog?: 'accept' | 'leave'
  /** Takes over silent connections, at once; resolves when one may be closed here. */
  readonly move?: ((handle: object) => Promise<void>) | undefined
}

/** A listening socket of another process's making. */
export interface SharedListener {
  readonly address: Address
  /** As Node passes it between processes. */
  readonly handle: unknown
}

/** How a process shares accepting with others: told of every connection that it has accepted. */
export interface Share {
  accepted(open: number): void
}

export interface ServerOptions {
  readonly share?: Share | undefined
  /** Read already, where that had to be before; null for none, although the settings name some. */
  readonly credentials?: Credentials | null | undefined
}

/** Handshakes of clients that are too many, at most: each has its price, and is made so that its client can be told. */
const SURPLUS = 64

export class HttpServer {
  private readonly context: ServerContext
  private readonly settings: Settings
  private readonly events: Events
  private closed: Promise<void> | undefined
  private accepted = 0
  private readonly descriptors = new DescriptorLimit()
  private readonly turnedAway: TurnedAway
  private readonly share: Share | undefined
  private readonly secure: SecureConnections | undefined
  private readonly listeners: { readonly address: Address; readonly server: Server }[] = []

  /** @throws {CertificateError} where certificates cannot be used */
  constructor(gateway: Gateway, settings: Settings, events: Events, options: ServerOptions = {}) {
    const { share, credentials = readCredentials(settings) } = options
    this.settings = settings
    this.events = events
    this.share = share
    const context = this.context = new ServerContext(gateway, settings, events)
    this.turnedAway = new TurnedAway(context)
    if (credentials === null) return
    this.secure = new SecureConnections(context, {
      credentials, wires: wiresFor(settings),
      refuse: ({ socket, peer }, lack) => {
        this.turnedAway.tell(socket, { lack, detail: this.detailOf(lack), peer, protocol: socket.alpnProtocol })
      },
    })
  }

  /** Sessions that other processes began are resumed here, and the other way round. @param keys 48 bytes; nothing without TLS */
  setTicketKeys(keys: Buffer): void {
    this.secure?.setTicketKeys(keys)
  }

  /** Handshakes from now on are made with these. @param credentials of the same settings, read anew */
  renew(credentials: Credentials): void {
    this.secure?.renew(credentials)
  }

  /** Told of connections that open and close, from now on. */
  observe(listener: ConnectionListener): void {
    this.context.listener = listener
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
    for (const address of this.urls) this.events.publish('serving', { address })
  }

  /** Listens on sockets that were bound elsewhere; nothing is announced. @throws as listen() does */
  async adopt(shared: readonly SharedListener[]): Promise<void> {
    for (const { address, handle } of shared) {
      if (this.closed !== undefined) return
      // Node takes a TCP handle as it is, that of a unix socket by its number.
      const { fd } = handle as { fd: number }
      await this.open(address, (handle as object).constructor.name === 'TCP' ? handle as object : { fd })
    }
    // A drain overtook this: what is in the backlog is left to others.
    if (this.closed !== undefined) this.pause()
  }

  /** Goes on with a connection that another process has accepted; nothing of a request was read there. */
  take(handle: unknown): void {
    this.accept(socketOf(handle))
  }

  /** Accepts no more, until adopt() is called again; connections go on. */
  pause(): void {
    for (const { server } of this.listeners.splice(0)) server.close()
  }

  /** The addresses bound, with the ports that the system chose. */
  get addresses(): readonly Address[] {
    return this.listeners.map(({ address, server }) => boundAddress(address, server))
  }

  /** For people: `https://127.0.0.1:8060`, `unix:/run/app.sock`. */
  get urls(): readonly string[] {
    return this.addresses.map((address) => urlOf(address, this.secure === undefined ? 'http' : 'https'))
  }

  get connections(): number {
    return this.context.connections.length
  }

  get requests(): number {
    return this.context.requests
  }

  /** Requests that are being handled, for people: `GET /path`. */
  underWay(): readonly string[] {
    const heads = [...this.context.connections].flatMap((connection) => connection.underWay)
    return heads.map(({ method, path }) => `${method} ${path}`)
  }

  /**
   * Accepts no more, lets what runs come to its end, and cuts what is not over after `grace` seconds.
   * Kept-alive connections end with their next answer, or after `silence` seconds without a request. A second call may be
   * less patient than the first.
   */
  async close({ grace, silence = SILENCE, backlog = 'accept', move }: CloseOptions): Promise<void> {
    this.closed ??= this.drain(backlog, move)
    const quiet = setTimeout(() => this.endSilence(), silence * 1000)
    const cut = setTimeout(() => this.cut(grace), grace * 1000)
    await this.closed
    clearTimeout(quiet)
    clearTimeout(cut)
  }

  private async drain(backlog: 'accept' | 'leave', move: CloseOptions['move']): Promise<void> {
    const { context, events } = this
    context.retire()
    if (backlog === 'accept') await this.emptyBacklog()
    const closings = this.listeners.splice(0).map(({ server }) => closeListener(server))
    if (move !== undefined) await Promise.all([...context.connections].map((connection) => handOver(connection, move)))
    if (context.connections.length > 0) {
      events.publish('draining', { connections: context.connections.length })
      await new Promise<void>((resolve) => { context.emptied = resolve })
    }
    await Promise.all(closings)
    events.publish('stopped', {})
  }

  private endSilence(): void {
    for (const connection of [...this.context.connections]) connection.endSilence()
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
    const connections = [...this.context.connections]
    this.events.publish('warning', { text: `${connections.length} connections were not over after ${grace} s and are cut` })
    for (const connection of connections) connection.stop()
  }

  private async listenOn(address: Address): Promise<void> {
    if (address.kind === 'unix') await clearStale(address.path)
    await this.open(address, listenOptions(address))
  }

  private async open(address: Address, where: object): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => this.accept(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(address, error)))
      const { backlog } = this.settings
      // A handle is taken as it is: copied into options it would be none.
      if ('fd' in where && 'close' in where) server.listen(where, backlog, resolve)
      else server.listen({ ...where, backlog }, resolve)
    })
    server.removeAllListeners('error')
    server.on('error', (error) => this.events.publish('warning', { text: `accepting on ${formatAddress(address)}: ${error.message}`, error }))
    this.listeners.push({ address, server })
  }

  private accept(socket: Socket): void {
    this.accepted++
    const { context, secure } = this
    const { maxConnections, proxyProtocol } = this.settings
    const left = this.descriptors.after(socket)
    const lack = left !== 'enough' ? 'descriptors-short' : maxConnections > 0 && context.connections.length >= maxConnections ? 'overload' : null
    if (lack !== null && (secure === undefined || left === 'gone')) this.refuse(socket, lack, left === 'gone')
    else if (proxyProtocol) new ProxyIntroduction(context, socket, (peer, rest) => this.introduced(socket, peer, rest, lack))
    else if (secure !== undefined) this.acceptSecure(secure, socket, peerOf(socket), lack)
    else new Http1Connection(context, socket)
    this.share?.accepted(context.connections.length)
  }

  private acceptSecure(secure: SecureConnections, socket: Socket, peer: Peer, lack: Lack | null): void {
    if (lack !== null && secure.surplus >= SURPLUS) this.turnedAway.drop(socket, { lack, detail: this.detailOf(lack), peer })
    else secure.accept(socket, peer, lack)
  }

  /** A proxy has said whom it speaks for. */
  private introduced(socket: Socket, peer: Peer, rest: Buffer, lack: Lack | null): void {
    if (this.secure === undefined) {
      new Http1Connection(this.context, socket, rest.length === 0 ? { peer } : { peer, first: rest })
      return
    }
    if (rest.length > 0) socket.unshift(rest)
    this.acceptSecure(this.secure, socket, peer, lack)
  }

  private refuse(socket: Socket, lack: Lack, atOnce: boolean): void {
    const how = { lack, detail: this.detailOf(lack), peer: peerOf(socket), atOnce }
    if (this.secure === undefined) this.turnedAway.tell(socket, how)
    else this.turnedAway.drop(socket, how)
  }

  private detailOf(lack: Lack): string {
    const { length: size } = this.context.connections
    if (lack === 'overload') return `${size} connections are open`
    return `of ${this.descriptors.limit} file descriptors few are left, with ${size} connections open`
  }
}

async function handOver(connection: Tracked, move: (handle: object) => Promise<void>): Promise<void> {
  const released = connection.release()
  if (released === null) return
  await move(released.handle)
  released.close()
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

/** For people: `http://127.0.0.1:8060`. */
export function urlOf(address: Address, scheme: 'http' | 'https' = 'http'): string {
  if (address.kind !== 'tcp') return formatAddress(address)
  const host = address.host ?? '0.0.0.0'
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
