/** A connection that has left HTTP: the application has its socket; the server still counts it, and tells of its own end. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import type { ServerContext, Tracked } from './server-context.ts'

/** How long a socket that is ended by the server may take to close, in milliseconds. */
const LINGER = 2000
const NONE: readonly RequestHead[] = []

export class UpgradedConnection implements Tracked {
  readonly peer: Peer
  place = -1
  deadline = 0

  private readonly context: ServerContext
  private readonly socket: Socket
  /** What the application has: mostly the socket itself. */
  private readonly stream: Duplex

  constructor(context: ServerContext, socket: Socket, stream: Duplex, peer: Peer) {
    this.context = context
    this.socket = socket
    this.stream = stream
    this.peer = peer
    // Opened while the server stops already: its taker has no listener yet.
    if (context.stopping) setImmediate(() => this.retire())
  }

  get underWay(): readonly RequestHead[] {
    return NONE
  }

  /** Whoever has the stream is told, as `retire`, and has the grace time to end it. */
  retire(): void {
    this.stream.emit('retire')
  }

  endSilence(): void {}

  release(): null {
    return null
  }

  stop(): void {
    this.deadline = this.context.deadlines.after(LINGER)
    this.socket.destroySoon()
  }

  closed(): void {
    this.deadline = 0
    this.context.closed(this)
  }

  due(): void {
    this.deadline = 0
    this.socket.destroy()
  }

  look(): void {}
}
