/**
 * The header of the PROXY protocol, versions 1 and 2 (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt), in front of
 * all that a connection carries. Pure: bytes in, facts out.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net'

export interface ProxiedAddresses {
  /** Empty for the end of a unix socket. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
}

export type ProxyHeader =
  /** So far it could be one. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'bad', readonly detail: string }
  | {
    readonly kind: 'whole'
    /** In bytes. */
    readonly length: number
    /** Null where the proxy speaks for itself, or tells no addresses. */
    readonly addresses: ProxiedAddresses | null
    /** The client's connection to the proxy is encrypted; null where it does not say. */
    readonly encrypted: boolean | null
  }

const PARTIAL = { kind: 'partial' } as const
const V1 = Buffer.from('PROXY ')
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n')
/** Section 2.1: the longest line, CRLF included. */
const LONGEST_V1 = 107
/** Far more than anybody sends, in bytes: certificates among the extensions included. */
const LONGEST_V2 = 8192
const FIXED_V2 = 16

/** @param bytes what has come so far, from the connection's first byte on */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, V1)) return bytes.length < V1.length ? PARTIAL : readLine(bytes)
  if (startsLike(bytes, V2)) return bytes.length < FIXED_V2 ? PARTIAL : readBinary(bytes)
  return bad('it does not begin with a header of the PROXY protocol')
}

function startsLike(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length)
  return bytes.compare(signature, 0, length, 0, length) === 0
}

function bad(detail: string): ProxyHeader {
  return { kind: 'bad', detail }
}

// Version 1 -----------------------------------------------------------------------------------------------------------------------

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, LONGEST_V1).indexOf('\n')
  if (end < 0) return bytes.length < LONGEST_V1 ? PARTIAL : bad(`version 1: no end of the line within ${LONGEST_V1} bytes`)
  const text = bytes.toString('latin1', 0, end + 1)
  if (!text.endsWith('\r\n')) return bad('version 1: the line does not end with CRLF')
  const length = end + 1
  const line = text.slice(0, -2)
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { kind: 'whole', length, addresses: null, encrypted: null }
  const parts = /^PROXY TCP([46]) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/.exec(line)
  if (parts === null) return bad(`version 1: ${JSON.stringify(line)}`)
  const [, family, remoteAddress, localAddress, remotePort, localPort] = parts as unknown as [string, string, string, string, string, string]
  const isAddress = family === '4' ? isIPv4 : isIPv6
  if (!isAddress(remoteAddress) || !isAddress(localAddress)) return bad(`version 1: addresses that are not of TCP${family}: ${JSON.stringify(line)}`)
  if (Number(remotePort) > 65535 || Number(localPort) > 65535) return bad(`version 1: a port over 65535: ${JSON.stringify(line)}`)
  const addresses = { remoteAddress, localAddress, remotePort: Number(remotePort), localPort: Number(localPort) }
  return { kind: 'whole', length, addresses, encrypted: null }
}

// Version 2 -----------------------------------------------------------------------------------------------------------------------

const LOCAL = 0x20
const PROXY = 0x21
/** Address family and transport; how long both ends are. */
const ENDS: Readonly<Record<number, number>> = { 0x00: 0, 0x11: 12, 0x21: 36, 0x31: 216 }

function readBinary(bytes: Buffer): ProxyHeader {
  const command = bytes.readUInt8(12)
  const family = bytes.readUInt8(13)
  const length = FIXED_V2 + bytes.readUInt16BE(14)
  if (command !== LOCAL && command !== PROXY) return bad(`version 2: version and command 0x${command.toString(16)}`)
  if (length > LONGEST_V2) return bad(`version 2: ${length} bytes, over ${LONGEST_V2}`)
  if (bytes.length < length) return PARTIAL
  // Section 2.2: of LOCAL the rest is passed over, whatever it is.
  if (command === LOCAL) return { kind: 'whole', length, addresses: null, encrypted: null }
  const ends = ENDS[family]
  if (ends === undefined) return bad(`version 2: address family and transport 0x${family.toString(16)}`)
  const content = bytes.subarray(FIXED_V2, length)
  if (content.length < ends) return bad(`version 2: ${content.length} bytes are too few for the addresses`)
  const encrypted = encryptionOf(content.subarray(ends))
  if (encrypted === undefined) return bad('version 2: an extension that is longer than the header')
  return { kind: 'whole', length, addresses: addressesOf(family, content), encrypted }
}

function addressesOf(family: number, content: Buffer): ProxiedAddresses | null {
  switch (family) {
    case 0x11: return {
      remoteAddress: [...content.subarray(0, 4)].join('.'), localAddress: [...content.subarray(4, 8)].join('.'),
      remotePort: content.readUInt16BE(8), localPort: content.readUInt16BE(10),
    }
    case 0x21: return {
      remoteAddress: address6(content.subarray(0, 16)), localAddress: address6(content.subarray(16, 32)),
      remotePort: content.readUInt16BE(32), localPort: content.readUInt16BE(34),
    }
    case 0x31: return { remoteAddress: '', localAddress: pathOf(content.subarray(108, 216)), remotePort: 0, localPort: 0 }
    default: return null
  }
}

/** Written as RFC 5952 has it. */
function address6(bytes: Buffer): string {
  return new SocketAddress({ family: 'ipv6', address: (bytes.toString('hex').match(/.{4}/g) as string[]).join(':') }).address
}

function pathOf(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

const TYPE_SSL = 0x20
const CLIENT_SSL = 0x01

/** Section 2.2.6, PP2_TYPE_SSL; undefined where the extensions are malformed. */
function encryptionOf(extensions: Buffer): boolean | null | undefined {
  let encrypted: boolean | null = null
  for (let at = 0; at < extensions.length;) {
    if (at + 3 > extensions.length) return undefined
    const size = extensions.readUInt16BE(at + 1)
    if (at + 3 + size > extensions.length) return undefined
    if (extensions.readUInt8(at) === TYPE_SSL && size >= 5) encrypted = (extensions.readUInt8(at + 3) & CLIENT_SSL) !== 0
    at += 3 + size
  }
  return encrypted
}
