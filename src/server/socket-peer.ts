import type { Socket } from 'node:net'
import type { Peer } from '../http/peer.ts'

/** Where Node keeps what it was told of the addresses. */
interface Remembered { _peername?: object | null, _sockname?: object | null }

/** The facts of a socket; asked of the system, so that nobody should ask twice. */
export function peerOf(socket: Socket): Peer {
  const peer = {
    remoteAddress: sameText(0, plainAddress(socket.remoteAddress)), remotePort: socket.remotePort ?? 0,
    localAddress: sameText(1, plainAddress(socket.localAddress)), localPort: socket.localPort ?? 0, encrypted: false,
  }
  // Kept once is enough, of many connections: Node asks the system again where somebody else wants to know.
  const remembered = socket as Remembered
  if (remembered._peername) remembered._peername = null
  if (remembered._sockname) remembered._sockname = null
  return peer
}

/** Most connections come to the same address, and behind a proxy from the same: one text for all that are alike in turn. */
const last: [remote: string, local: string] = ['', '']

function sameText(which: 0 | 1, address: string): string {
  if (address !== last[which]) last[which] = address
  return last[which]
}

/** An IPv4 client of a socket that takes both kinds is one, whatever the socket calls it (RFC 4291 section 2.5.5.2). */
function plainAddress(address: string = ''): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
