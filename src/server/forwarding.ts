/** What trusted proxies say of a request's client, applied to its head and peer. */
import type { Settings } from '../config/settings.ts'
import { fieldName } from '../http/field-names.ts'
import { forwardedNames, readForwarded, type Told } from '../http/forwarded.ts'
import type { Peer } from '../http/peer.ts'
import type { FieldLines, RequestHead } from '../http/request-head.ts'
import { TrustedPeers } from './trusted-peers.ts'

/** A request as its client made it. */
export interface Forwarded {
  readonly head: RequestHead
  readonly peer: Peer
}

/** A field by which proxies speak of their clients is there. */
export function mentionsForwarding(fields: FieldLines): boolean {
  for (let i = 0; i < fields.length; i += 2) if (fieldName(fields[i] as string)?.role === 'forwarded') return true
  return false
}

export class Forwarding {
  readonly trusted: TrustedPeers
  private readonly names: ReadonlySet<string>

  constructor({ forwardedAllowIps, forwardedFields }: Settings) {
    this.trusted = new TrustedPeers(forwardedAllowIps)
    this.names = new Set(forwardedFields ?? forwardedNames)
  }

  /**
   * @returns the text of what cannot be read; undefined where nothing is told, or nobody is to be believed
   */
  apply(head: RequestHead, peer: Peer): Forwarded | string | undefined {
    if (!this.trusted.trusts(peer)) return undefined
    const told = readForwarded(head.fields, this.names, (address) => this.trusted.trustsAddress(address))
    if (told === undefined) return undefined
    return 'unreadable' in told ? told.unreadable : forwarded(head, peer, told)
  }
}

export function samePeer(one: Peer, other: Peer): boolean {
  return one.remoteAddress === other.remoteAddress && one.remotePort === other.remotePort && one.localAddress === other.localAddress
    && one.localPort === other.localPort && one.encrypted === other.encrypted
}

function forwarded(head: RequestHead, peer: Peer, told: Told): Forwarded {
  const { client, scheme = head.scheme, host, port, prefix } = told
  const authority = host ?? head.authority
  const elsewhere = host !== undefined || port !== undefined || told.scheme !== undefined
  return {
    head: { ...head, scheme, authority, ...(prefix === undefined ? {} : { prefix }) },
    peer: {
      ...peer, encrypted: scheme === 'https',
      ...(client === undefined ? {} : { remoteAddress: client.address, remotePort: client.port }),
      ...(elsewhere ? local(peer, authority, scheme, port) : {}),
    },
  }
}

/** Where the client connected to, as far as it is known: not where the proxy did. */
function local(peer: Peer, authority: string, scheme: 'http' | 'https', port: number | undefined): Pick<Peer, 'localAddress' | 'localPort'> {
  const [, host = '', stated] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? []
  return {
    localAddress: host === '' ? peer.localAddress : host.replace(/^\[|\]$/g, ''),
    localPort: port ?? (stated === undefined ? (scheme === 'https' ? 443 : 80) : Number(stated)),
  }
}
