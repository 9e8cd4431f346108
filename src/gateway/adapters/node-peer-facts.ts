/** What a socket of node:net, or of node:tls, tells about both ends of its connection. */
import { X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { CipherNameAndProtocol, PeerCertificate } from 'node:tls'
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
  /** Of TLS as far as this server: the client has a certificate of an authority that is trusted. Else undefined, as all below. */
  readonly authorized: boolean | undefined
  /** Why its certificate is not trusted. */
  readonly authorizationError: string | undefined
  /** The host that the client named. */
  readonly servername: string | undefined
  getProtocol(): string | undefined
  getCipher(): CipherNameAndProtocol | undefined
  /** Empty where the client gave none. */
  getPeerCertificate(): PeerCertificate | Record<string, never> | undefined
  getPeerX509Certificate(): X509Certificate | undefined
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
  get authorized() {
    const { tls } = this.exchange.peer
    return tls === undefined ? undefined : tls.client !== null && tls.client.problem === null
  },
  get authorizationError() { return this.exchange.peer.tls?.client?.problem ?? undefined },
  get servername() { return this.exchange.peer.tls?.serverName ?? undefined },
  getProtocol() { return this.exchange.peer.tls?.protocol },
  getCipher() {
    const { tls } = this.exchange.peer
    return tls === undefined ? undefined : { name: tls.cipher, standardName: tls.cipher, version: tls.protocol }
  },
  getPeerCertificate() {
    if (this.exchange.peer.tls === undefined) return undefined
    return this.getPeerX509Certificate()?.toLegacyObject() ?? {}
  },
  getPeerX509Certificate() {
    const pem = this.exchange.peer.tls?.client?.pem
    return pem === undefined ? undefined : new X509Certificate(pem)
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
