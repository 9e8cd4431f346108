/** A connection that is becoming a secure one: nothing of a request can be there yet. */
import type { Socket } from 'node:net'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import type { Released, Tracked } from './server-context.ts'
import type { Lack } from './turned-away.ts'

export class Handshake implements Tracked {
  readonly peer: Peer
  readonly raw: Socket
  /** Why it is one too many, of which its client is told; null where it is not. */
  readonly lack: Lack | null
  place = -1
  /** Node ends a handshake that takes too long. */
  readonly deadline = 0
  readonly underWay: readonly RequestHead[] = []

  constructor(raw: Socket, peer: Peer, lack: Lack | null) {
    this.raw = raw
    this.peer = peer
    this.lack = lack
  }

  /** Whoever has connected may bring one request yet. */
  retire(): void {}

  endSilence(): void {
    this.raw.destroy()
  }

  /** Half a handshake is in this process. */
  release(): Released | null {
    return null
  }

  stop(): void {
    this.raw.destroy()
  }

  due(): void {}

  look(): void {}
}
