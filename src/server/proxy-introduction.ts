/** A connection that has to say first, by the PROXY protocol, whom it is for. */
import type { Socket } from 'node:net'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { readProxyHeader, type ProxyHeader } from './proxy-header.ts'
import type { Released, ServerContext, Tracked } from './server-context.ts'
import { peerOf } from './socket-peer.ts'

/** Goes on with it: paused, `rest` was read of it already. */
export type Introduced = (peer: Peer, rest: Buffer) => void

export class ProxyIntroduction implements Tracked {
  readonly peer: Peer
  place = -1
  deadline: number
  readonly underWay: readonly RequestHead[] = []

  private readonly context: ServerContext
  private readonly socket: Socket
  private readonly introduced: Introduced
  private received: Buffer = Buffer.alloc(0)
  private readonly closed = (): void => this.over()
  private readonly ended = (): void => this.gone()
  private readonly more = (bytes: Buffer): void => this.read(bytes)

  /** @param socket as it was accepted, paused */
  constructor(context: ServerContext, socket: Socket, introduced: Introduced) {
    this.context = context
    this.socket = socket
    this.introduced = introduced
    this.peer = peerOf(socket)
    this.deadline = context.deadlines.after(context.times.header)
    context.track(this)
    // What goes wrong with the socket is told by its close.
    socket.on('error', ignore).on('close', this.closed)
    if (context.forwarding.trusted.trusts(this.peer)) socket.on('data', this.more).on('end', this.ended).resume()
    else this.refuse('its address is not one of forwardedAllowIps')
  }

  retire(): void {}

  endSilence(): void {
    if (this.received.length === 0) this.socket.destroy()
  }

  release(): Released | null {
    return null
  }

  stop(): void {
    this.socket.destroy()
  }

  due(): void {
    this.deadline = 0
    this.refuse(`no whole header within ${this.context.times.header / 1000} s`)
  }

  look(): void {}

  private read(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes])
    const header = readProxyHeader(this.received)
    if (header.kind === 'bad') this.refuse(header.detail)
    else if (header.kind === 'whole') this.hand(header)
  }

  private hand({ length, addresses, encrypted }: ProxyHeader & { kind: 'whole' }): void {
    const { socket } = this
    socket.pause()
    socket.off('data', this.more).off('end', this.ended).off('close', this.closed).off('error', ignore)
    const peer = addresses === null ? this.peer : { ...addresses, encrypted: encrypted === true }
    this.introduced(peer, this.received.subarray(length))
    this.over()
  }

  /** A load balancer's look whether somebody listens, where it said nothing. */
  private gone(): void {
    if (this.received.length > 0) this.refuse('the connection ended within it')
    else this.socket.destroy()
  }

  private refuse(detail: string): void {
    this.context.events.publish('refused', { cause: 'bad-proxy-header', detail: `PROXY header: ${detail}`, peer: this.peer, head: null, id: null })
    this.socket.destroy()
  }

  private over(): void {
    this.context.untrack(this)
  }
}

function ignore(): void {}
