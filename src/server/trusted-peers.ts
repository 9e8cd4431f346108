/** Whose word on others is taken: proxies, by their addresses. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { Peer } from '../http/peer.ts'

/** Answers that are kept: proxies are few, and clients come again. */
const KEPT = 1024

export class TrustedPeers {
  private readonly ranges = new BlockList()
  private readonly everybody: boolean
  private readonly unix: boolean
  private readonly known = new Map<string, boolean>()

  /** @param peers as the setting `forwardedAllowIps` has them */
  constructor(peers: readonly string[]) {
    this.everybody = peers.includes('*')
    this.unix = peers.includes('unix')
    for (const one of peers) this.add(one)
  }

  /** Whoever connects is a proxy whose word is taken. */
  trusts({ remoteAddress }: Peer): boolean {
    if (this.everybody) return true
    return remoteAddress === '' ? this.unix : this.trustsAddress(remoteAddress)
  }

  /** Of an address that a proxy names. `*` says nothing of those: it would take everybody's word for everything. */
  trustsAddress(address: string): boolean {
    if (address === 'unix:') return this.unix
    const before = this.known.get(address)
    if (before !== undefined) return before
    const trusted = this.look(address)
    if (this.known.size >= KEPT) this.known.clear()
    this.known.set(address, trusted)
    return trusted
  }

  private look(address: string): boolean {
    // A link-local address has its interface behind it.
    const bare = address.replace(/%.*$/, '')
    const mapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1]
    if (mapped !== undefined && isIPv4(mapped)) return this.ranges.check(mapped, 'ipv4')
    return isIPv4(bare) ? this.ranges.check(bare, 'ipv4') : isIPv6(bare) && this.ranges.check(bare, 'ipv6')
  }

  private add(one: string): void {
    const [address = '', bits] = one.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (one === '*' || one === 'unix') return
    if (bits === undefined) this.ranges.addAddress(address, family)
    else this.ranges.addSubnet(address, Number(bits), family)
  }
}
