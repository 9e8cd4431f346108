/** Connections that are too many: each gets an answer that says so, without being read from. */
import type { Socket } from 'node:net'
import { errorAnswer } from '../gateway/error-answer.ts'
import { refusal } from '../http/h2/refusal.ts'
import { latin1Of } from '../http/latin1.ts'
import type { Peer } from '../http/peer.ts'
import type { ServerContext } from './server-context.ts'

/** Why there is no room; both are causes of the table. */
export type Lack = 'overload' | 'descriptors-short'

/** How long a client may take to read it, in milliseconds. */
const LINGER = 2000
/** Between two lines about the same lack of descriptors, in milliseconds. */
const QUIET = 60_000

export interface TurnedAwayOptions {
  readonly lack: Lack
  readonly detail: string
  readonly peer: Peer
  /** As ALPN has agreed on it. */
  readonly protocol?: string | false | null
  /** The connection is gone when this returns: there is no descriptor for it. */
  readonly atOnce?: boolean
}

export class TurnedAway {
  private readonly context: ServerContext
  private lastWarning = -Infinity

  constructor(context: ServerContext) {
    this.context = context
  }

  /** @param socket nothing was read of it, and with TLS its handshake is over */
  tell(socket: Socket, { lack, detail, peer, protocol, atOnce }: TurnedAwayOptions): void {
    this.note(lack, detail, peer)
    socket.on('error', () => socket.destroy())
    const bytes = protocol === 'h2' ? refusal(detail) : Buffer.from(this.answer(lack), 'latin1')
    if (atOnce === true) {
      // Written by the system before this returns, or never.
      socket.write(bytes)
      socket.destroy()
      return
    }
    socket.setTimeout(LINGER, () => socket.destroy())
    socket.on('end', () => socket.destroy())
    socket.end(bytes)
    socket.resume()
  }

  /** Not even told: it would cost a handshake. */
  drop(socket: Socket, { lack, detail, peer }: TurnedAwayOptions): void {
    this.note(lack, detail, peer)
    socket.destroy()
  }

  private answer(lack: Lack): string {
    const { writer } = this.context
    const { status, fields, body } = errorAnswer(lack, null)
    writer.head(status, fields, { version: '1.1', isHead: false, persistent: false, bodyLength: body.length })
    return writer.text + latin1Of(body)
  }

  /** Of descriptors the log has a line a minute: there may be thousands of clients. */
  private note(lack: Lack, detail: string, peer: Peer): void {
    const { events } = this.context
    events.publish('refused', { cause: lack, detail, peer, head: null, id: null })
    const now = performance.now()
    if (lack !== 'descriptors-short' || now - this.lastWarning < QUIET) return
    this.lastWarning = now
    events.publish('warning', { text: `${detail}: new connections get 503 until some are closed (ulimit -n)` })
  }
}
