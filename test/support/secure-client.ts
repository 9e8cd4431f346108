/** TLS clients that do as they are told. */
import { once } from 'node:events'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { RawClient, type RawResponse } from './raw-client.ts'

export interface SecureClient extends AsyncDisposable {
  readonly socket: TLSSocket
  readonly raw: RawClient
  get(path?: string, ...fieldLines: string[]): Promise<RawResponse>
}

/** Certificates are not checked unless it is asked for. Rejects where the handshake fails. */
export async function secureClient(port: number, options: ConnectionOptions = {}): Promise<SecureClient> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  const raw = RawClient.on(socket)
  return {
    socket, raw,
    async get(path = '/', ...fieldLines) {
      await raw.send(`GET ${path} HTTP/1.1\r\nHost: a.example\r\n${fieldLines.map((line) => `${line}\r\n`).join('')}\r\n`)
      return raw.finalResponse()
    },
    [Symbol.asyncDispose]: async () => { socket.destroy() },
  }
}

/** How a handshake fails. */
export async function failedHandshake(port: number, options: ConnectionOptions = {}): Promise<string> {
  try {
    const client = await secureClient(port, options)
    // TLS 1.3: the client is done before the server has looked at its certificate.
    await client.raw.untilClosed()
    return client.raw.error === null ? 'closed' : String((client.raw.error as NodeJS.ErrnoException).code)
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
