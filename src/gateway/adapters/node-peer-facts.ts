/** What a socket of node:net tells about both ends of its connection. */
import type { AddressInfo } from 'node:net'
import type { Exchange } from '../exchange.ts'

export interface PeerFacts {
  /** Undefined for a unix socket, as the other addresses and ports. */
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly remoteFamily: string | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly localFamily: string | undefined
  /** The connection is TLS, to here or to a trusted proxy. */
  readonly encrypted: boolean
  address(): AddressInfo | Record<string, never>
}

interface OfExchange {
  readonly exchange: Exchange
}

const facts: ThisType<OfExchange & PeerFacts> & PeerFacts = {
  get remoteAddress() { return this.exchange.peer.remoteAddress || undefined },
  get remotePort() { return this.exchange.peer.remotePort || undefined },
  get remoteFamily() { return familyOf(this.exchange.peer.remoteAddress) },
  get localAddress() { return this.exchange.peer.localAddress || undefined },
  get localPort() { return this.exchange.peer.localPort || undefined },
  get localFamily() { return familyOf(this.exchange.peer.localAddress) },
  get encrypted() { return this.exchange.head.scheme === 'https' },
  address() {
    const { localAddress, localPort, localFamily } = this
    if (localAddress === undefined || localPort === undefined) return {}
    return { address: localAddress, port: localPort, family: localFamily ?? 'IPv4' }
  },
}

/** Gives a class of sockets its getters. */
export function givePeerFacts(prototype: OfExchange): void {
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(facts))
}

function familyOf(address: string): string | undefined {
  if (address === '' || address.startsWith('/')) return undefined
  return address.includes(':') ? 'IPv6' : 'IPv4'
}
