/** TLS on accepted connections: handshakes, which certificate for whom, tickets, and what is spoken then. */
import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import type { Peer } from '../http/peer.ts'
import { certificateFor, type Credentials, type ServerCertificate } from './credentials.ts'
import { Handshake } from './handshake.ts'
import { nodeTls } from './node-tls.ts'
import type { ServerContext } from './server-context.ts'
import { tlsFacts } from './tls-facts.ts'
import type { Lack } from './turned-away.ts'
import type { Secured, Wire, Wires } from './wires.ts'

/** Node ends a handshake after so long where `headerTimeout` sets no limit, in milliseconds. */
const LONGEST_HANDSHAKE = 120_000
/** How long a session may be resumed, in seconds; the keys of its tickets change more seldom. */
const SESSION = 7200

/** Node has the socket below TLS there; test/server/secure-connections.test.ts holds it on every supported Node. */
interface WithParent { readonly _parent?: Socket }

export interface SecureOptions {
  readonly credentials: Credentials
  readonly wires: Wires
  /** Takes a secured connection of a client that is one too many. */
  readonly refuse: (secured: Secured, lack: Lack) => void
}

export class SecureConnections {
  private readonly context: ServerContext
  private readonly server: Server
  private readonly options: SecureOptions
  private credentials: Credentials
  private readonly handshakes = new Map<Socket, Handshake>()
  private readonly byProtocol: ReadonlyMap<string, Wire>
  private readonly otherwise: Wire

  constructor(context: ServerContext, options: SecureOptions) {
    this.context = context
    this.options = options
    this.credentials = options.credentials
    this.byProtocol = new Map(options.wires)
    this.otherwise = (options.wires.at(-1) as Wires[number])[1]
    this.server = this.serverFor(options.wires)
    this.server.on('secureConnection', (socket) => this.secured(socket))
    this.server.on('tlsClientError', (error, socket) => this.failed(error, socket))
  }

  /** Handshakes of clients that are too many. */
  surplus = 0

  /** @param raw paused; what was read of it already was put back */
  accept(raw: Socket, peer: Peer, lack: Lack | null): void {
    const handshake = new Handshake(raw, peer, lack)
    this.handshakes.set(raw, handshake)
    if (handshake.lack !== null) this.surplus++
    else this.context.track(handshake)
    // Node says what was wrong a moment later.
    raw.once('close', () => setImmediate(() => this.over(handshake)))
    // Within a handshake nobody has anything to say to one who has ended; TLSSocket would take this over and wait.
    raw.allowHalfOpen = false
    this.server.emit('connection', raw)
  }

  /** Tickets that other processes gave out are good here, and the other way round. @param keys 48 bytes */
  setTicketKeys(keys: Buffer): void {
    this.server.setTicketKeys(keys)
  }

  /** For handshakes from now on; connections go on as they are. @param credentials of the same settings, read anew */
  renew(credentials: Credentials): void {
    const keys = this.server.getTicketKeys()
    this.credentials = credentials
    this.server.setSecureContext({ ...firstOf(credentials).options, sessionTimeout: SESSION })
    this.server.setTicketKeys(keys)
  }

  private serverFor(wires: Wires): Server {
    const { certificates, clients } = this.credentials
    const { header } = this.context.times
    return nodeTls().createServer({
      ...firstOf(this.credentials).options,
      handshakeTimeout: header === 0 ? LONGEST_HANDSHAKE : header,
      sessionTimeout: SESSION,
      requestCert: clients !== 'none', rejectUnauthorized: clients === 'required',
      ALPNProtocols: wires.map(([protocol]) => protocol),
      // Without a name, or for one that is unknown, the first certificate is in place already.
      ...(certificates.length === 1 ? {} : {
        SNICallback: (name: string, done: (error: Error | null, context?: ServerCertificate['context']) => void): void => {
          done(null, (certificateFor(this.credentials.certificates, name) ?? firstOf(this.credentials)).context)
        },
      }),
    })
  }

  private secured(socket: TLSSocket): void {
    const handshake = this.handshakeOf(socket)
    if (handshake === undefined) {
      socket.destroy()
      return
    }
    const { raw, peer } = handshake
    const { refuse } = this.options
    socket.allowHalfOpen = true
    const secured: Secured = { socket, raw, peer: { ...peer, encrypted: true, tls: tlsFacts(socket, this.credentials.clients !== 'none') } }
    if (handshake.lack !== null) refuse(secured, handshake.lack)
    else (this.byProtocol.get(String(socket.alpnProtocol)) ?? this.otherwise)(this.context, secured)
    this.over(handshake)
  }

  /** Once for each, whatever became of it. */
  private failed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const handshake = this.handshakeOf(socket)
    const { context } = this
    // Who says nothing at all is a load balancer that looks whether somebody listens.
    const silent = error.code === 'ECONNRESET' && (handshake?.raw.bytesRead ?? 0) === 0
    if (handshake !== undefined) {
      context.events.publish('refused', {
        cause: silent ? 'client-gone' : 'bad-handshake', detail: silent ? 'gone before it said anything' : problem(error),
        peer: handshake.peer, head: null, id: null,
      })
    }
    socket.destroy()
    handshake?.raw.destroy()
  }

  private handshakeOf(socket: TLSSocket): Handshake | undefined {
    const raw = (socket as WithParent)._parent
    return raw === undefined ? undefined : this.handshakes.get(raw)
  }

  private over(handshake: Handshake): void {
    if (!this.handshakes.delete(handshake.raw)) return
    if (handshake.lack !== null) this.surplus--
    else this.context.untrack(handshake)
  }
}

function firstOf({ certificates }: Credentials): ServerCertificate {
  return certificates[0] as ServerCertificate
}

const KNOWN: Readonly<Record<string, string>> = {
  ECONNRESET: 'the client went away within the TLS handshake',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'the TLS handshake took too long',
  ERR_SSL_HTTP_REQUEST: 'plain HTTP where TLS is spoken',
}

/** `...:error:0A00010B:SSL routines::wrong version number:...` in OpenSSL's words, without the places in its sources. */
function problem(error: NodeJS.ErrnoException): string {
  const known = KNOWN[error.code ?? '']
  if (known !== undefined) return known
  const reason = (error as { reason?: unknown }).reason
  const text = typeof reason === 'string' ? reason : error.code ?? error.message
  return `no TLS handshake: ${text.replaceAll(/\s+/g, ' ').trim()}`
}
