import type { Socket } from 'node:net'
import type { Peer } from '../http/peer.ts'

/** The facts of a socket; asked of the system, so that nobody should ask twice. */
export function peerOf(socket: Socket): Peer {
  return {
    remoteAddress: socket.remoteAddress ?? '', remotePort: socket.remotePort ?? 0,
    localAddress: socket.localAddress ?? '', localPort: socket.localPort ?? 0, encrypted: false,
  }
}
