import { isHost } from './grammar.ts'

/** One end of a connection, as a proxy names it (RFC 7239 section 6); `X-Forwarded-For` has bare IPv6 addresses too. */
export interface ForwardedNode {
  /** An IP address, IPv6 without brackets; empty for `unknown` and for an identifier that hides the address. */
  readonly address: string
  /** 0 where it is not told. */
  readonly port: number
}

/** What nginx says of a client that came by a unix socket. */
export const UNIX = 'unix:'

const IPV4 = /^((?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|(?=:|$))){4})(?::(\d{1,5}|_[\w.-]+))?$/
const BRACKETED = /^\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}|_[\w.-]+))?$/
const HIDDEN = /^(?:unknown|_[\w.-]+)(?::(?:\d{1,5}|_[\w.-]+))?$/i

/** @returns undefined for what is no node */
export function forwardedNode(text: string): ForwardedNode | undefined {
  if (text === UNIX) return { address: '', port: 0 }
  const v4 = IPV4.exec(text)
  if (v4 !== null) return node(v4[1] as string, v4[2])
  if (HIDDEN.test(text)) return { address: '', port: 0 }
  const bracketed = BRACKETED.exec(text)
  const address = bracketed?.[1] ?? text
  return isAddress6(address) ? node(address.toLowerCase(), bracketed?.[2]) : undefined
}

function node(address: string, port: string | undefined): ForwardedNode | undefined {
  const number = port === undefined || port.startsWith('_') ? 0 : Number(port)
  return number <= 65535 ? { address, port: number } : undefined
}

/** `IPv6address` (RFC 3986 section 3.2.2), by the host grammar's reading of it. */
function isAddress6(text: string): boolean {
  return text.includes(':') && isHost(`[${text}]`)
}
