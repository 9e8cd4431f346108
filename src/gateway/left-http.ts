/** The environ of a connection that has left HTTP, without what only an exchange under way is for: it may be kept for long, and by many. */
import type { Duplex } from 'node:stream'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import type { Peer } from '../http/peer.ts'
import type { Connection, Environ } from './wsgi.ts'

/** In the place of an exchange that an upgrade has ended; does what that would do. */
class EndedConnection implements Connection {
  readonly peer: Peer
  route: string | undefined

  constructor({ peer, route }: Connection) {
    this.peer = peer
    this.route = route
  }

  get closed(): boolean {
    return true
  }

  informational(): void {
    throw new Error('an interim answer after the final one has begun (RFC 9110 section 15.2)')
  }

  upgrade(): Duplex {
    throw new ExchangeClosed('client-gone', 'the exchange is over')
  }

  onClose(listener: () => void): void {
    listener()
  }
}

/** The client was there to the end of the exchange, which is past. */
const notDisconnected = (): boolean => false

/** To be called when the stream has been taken over. */
export function leaveHttp(environ: Environ): void {
  environ['pulsar.connection'] = new EndedConnection(environ['pulsar.connection'])
  environ['pulsar.client_disconnected'] = notDisconnected
}
