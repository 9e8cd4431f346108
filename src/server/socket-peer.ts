import type { Socket } from 'node:net'
import type { Peer } from '../http/peer.ts'

/** The facts of a socket; asked of the system, so that nobody should ask twice. */
export function peerOf(socket: Socket): Peer {
  return {
    remoteAddress: plainAddress(socket.remoteAddress), remotePort: socket.remotePort ?? 0,
    localAddress: plainAddress(socket.localAddress), localPort: socket.localPort ?? 0, encrypted: false,
  }
}

/** An IPv4 client of a socket that takes both kinds is one, whatever the socket calls it (RFC 4291 section 2.5.5.2). */
function plainAddress(address: string = ''): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
