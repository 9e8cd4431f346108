import { isIPv4, isIPv6 } from 'node:net'

/** Where to listen. `host` is null for every interface, IPv6 and IPv4; port 0 lets the system choose. */
export type Address =
  | { readonly kind: 'tcp', readonly host: string | null, readonly port: number }
  | { readonly kind: 'unix', readonly path: string }
  | { readonly kind: 'fd', readonly fd: number }

export const defaultHost = '127.0.0.1'
export const defaultPort = 8060

/** What a user may write, for messages. */
export const addressForms =
  'HOST:PORT, :PORT (all interfaces), PORT, HOST, [IPV6]:PORT, unix:PATH or fd:N'

// Linux keeps 108 bytes for a socket's path, the final NUL included (unix(7)); a longer one would be cut short.
export const longestSocketPath = 107

/**
 * Reads an address to bind to. A port alone means the loopback interface, a host alone the default port.
 * @returns undefined where the text is none of {@link addressForms}
 */
export function parseAddress(text: string): Address | undefined {
  if (text.startsWith('unix:')) return unixAddress(text.slice(5))
  if (text.startsWith('fd:')) return descriptorAddress(text.slice(3))
  if (/^\d+$/.test(text)) return tcpAddress(defaultHost, text)
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  if (bracketed !== null) {
    const host = bracketed[1] as string
    return isIPv6(host) ? tcpAddress(host, bracketed[2]) : undefined
  }
  const colon = text.indexOf(':')
  if (colon === 0) return tcpAddress(null, text.slice(1))
  const host = colon < 0 ? text : text.slice(0, colon)
  return isHost(host) ? tcpAddress(host, colon < 0 ? undefined : text.slice(colon + 1)) : undefined
}

/** The text that {@link parseAddress} reads back as the same address. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case 'unix': return `unix:${address.path}`
    case 'fd': return `fd:${address.fd}`
    case 'tcp': {
      const host = address.host ?? ''
      return `${host.includes(':') ? `[${host}]` : host}:${address.port}`
    }
  }
}

/** Only who is on this machine can reach it. Of an inherited descriptor that is not known. */
export function isLoopback(address: Address): boolean {
  if (address.kind !== 'tcp') return address.kind === 'unix'
  const { host } = address
  return host !== null && (host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.')))
}

function tcpAddress(host: string | null, port: string | undefined): Address | undefined {
  if (port === undefined) return { kind: 'tcp', host, port: defaultPort }
  const number = Number(port)
  return /^\d{1,5}$/.test(port) && number <= 65535 ? { kind: 'tcp', host, port: number } : undefined
}

function unixAddress(path: string): Address | undefined {
  const usable = path !== '' && !path.includes('\0') && Buffer.byteLength(path) <= longestSocketPath
  return usable ? { kind: 'unix', path } : undefined
}

function descriptorAddress(text: string): Address | undefined {
  // 1 and 2 are where the process writes; 0 may be a socket (inetd).
  const fd = Number(text)
  return /^\d{1,9}$/.test(text) && fd !== 1 && fd !== 2 ? { kind: 'fd', fd } : undefined
}

/** A host name (RFC 1123 section 2.1; underscores are met in practice), or an IPv4 address. */
function isHost(text: string): boolean {
  const label = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/
  const labels = text.replace(/\.$/, '').split('.')
  if (text.length > 253 || !labels.every((one) => label.test(one))) return false
  // What ends in a number can only be meant as an IPv4 address.
  return /^\d+$/.test(labels.at(-1) as string) ? isIPv4(text) : true
}
