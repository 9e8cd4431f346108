/** What TLS has settled, as variables of an environ; named as Apache's mod_ssl does, whose names applications know. */
import type { TlsFacts } from '../http/peer.ts'

type Variables = readonly (readonly [name: string, value: string])[]

const NONE: Variables = []
/** The same for all requests of a connection. */
const known = new WeakMap<TlsFacts, Variables>()

/** @param tls absent where the connection is plain as far as this server */
export function tlsVariables(tls: TlsFacts | undefined): Variables {
  if (tls === undefined) return NONE
  const before = known.get(tls)
  if (before !== undefined) return before
  const variables = variablesOf(tls)
  known.set(tls, variables)
  return variables
}

function variablesOf({ protocol, cipher, serverName, resumed, client }: TlsFacts): Variables {
  const variables: (readonly [string, string])[] = [
    ['SSL_PROTOCOL', protocol], ['SSL_CIPHER', cipher], ['SSL_SESSION_RESUMED', resumed ? 'Resumed' : 'Initial'],
    ['SSL_CLIENT_VERIFY', client === null ? 'NONE' : client.problem === null ? 'SUCCESS' : `FAILED:${client.problem}`],
  ]
  if (serverName !== null) variables.push(['SSL_TLS_SNI', native(serverName)])
  if (client === null) return variables
  return [
    ...variables,
    ['SSL_CLIENT_S_DN', native(client.subject)], ['SSL_CLIENT_I_DN', native(client.issuer)], ['SSL_CLIENT_M_SERIAL', client.serial],
    ['SSL_CLIENT_V_START', client.validFrom], ['SSL_CLIENT_V_END', client.validTo], ['SSL_CLIENT_CERT', client.pem],
  ]
}

/** Bytes as latin-1 text (PEP 3333, "Unicode Issues"); names in certificates may be UTF-8. */
function native(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
