/** CONNECT: bytes go both ways as they are (RFC 9110 section 9.3.6). */
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream'
import type { Environ, WSGIBody } from 'pulsar-wsgi'
import type { Upstream } from './proxy.ts'
import { Silence, upstreamError } from './upstream-error.ts'

export async function tunnel(environ: Environ, { hostname, port, host }: URL, { patience }: Upstream): Promise<WSGIBody> {
  const socket = await connected(hostname.replace(/^\[(.*)\]$/, '$1'), Number(port), patience).catch((error: unknown) => { throw upstreamError(error, host) })
  if (environ['pulsar.client_disconnected']()) {
    socket.destroy()
    return []
  }
  join(environ['pulsar.connection'].upgrade('200 Connected', []), socket)
  return []
}

function connected(host: string, port: number, patience: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true })
    socket.setTimeout(patience, () => socket.destroy(new Silence()))
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject).setTimeout(0).setNoDelay(true)
      resolve(socket)
    })
  })
}

/** Each end is passed on by itself; where one breaks, so does the other. */
function join(client: Duplex, server: Socket): void {
  const over = (error: Error | null | undefined): void => {
    if (!error) return
    client.destroy()
    server.destroy()
  }
  pipeline(client, server, over)
  pipeline(server, client, over)
}
