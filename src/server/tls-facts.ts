/** What a handshake has settled, and who the client proved to be. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate, TlsFacts } from '../http/peer.ts'

/** @param asksClients the server asks for certificates: without, nothing is looked for */
export function tlsFacts(socket: TLSSocket, asksClients: boolean): TlsFacts {
  const certificate = asksClients ? socket.getPeerX509Certificate() : undefined
  return {
    protocol: socket.getProtocol() ?? '', cipher: socket.getCipher().name, serverName: serverNameOf(socket),
    resumed: socket.isSessionReused(),
    client: certificate === undefined ? null : clientOf(certificate, socket),
  }
}

/** On the server's side Node has it as a property, which its types do not know; false where the client named none. */
function serverNameOf(socket: TLSSocket): string | null {
  const { servername } = socket as TLSSocket & { servername?: string | false }
  return typeof servername === 'string' && servername !== '' ? servername : null
}

function clientOf(certificate: X509Certificate, socket: TLSSocket): ClientCertificate {
  const { serialNumber, validFrom, validTo, fingerprint256 } = certificate
  return {
    problem: socket.authorized ? null : problemOf(socket.authorizationError),
    subject: distinguishedName(certificate.subject), issuer: distinguishedName(certificate.issuer),
    serial: serialNumber, validFrom, validTo, fingerprint: fingerprint256, pem: certificate.toString(),
  }
}

/** Node's types call it an Error; it is OpenSSL's name of the problem. */
function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Node gives a line for each part, the most general first, its characters escaped as RFC 4514 section 2.4 has it. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').split('\n').filter((line) => line !== '').reverse().join(',')
}
