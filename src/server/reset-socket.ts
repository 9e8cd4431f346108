import type { Socket } from 'node:net'

/** Closes at once, by a reset where there is such a thing: a unix socket just ends. */
export function resetSocket(socket: Socket): void {
  if (socket.remoteFamily === 'IPv4' || socket.remoteFamily === 'IPv6') socket.resetAndDestroy()
  else socket.destroy()
}
