/** The listening sockets of an arbiter: bound here, or inherited; served on by its workers. */
import { formatAddress, parseAddress, type Address } from '../config/address.ts'
import type { Inherited, InheritedSocket } from '../config/inherited.ts'
import type { Identity } from '../process/privileges.ts'
import type { Sockets } from '../process/launch.ts'
import { FIRST_DESCRIPTOR } from '../process/successor.ts'
import { bindSocket, inheritSocket, type BoundSocket } from '../server/bound-socket.ts'
import { urlOf } from '../server/http-server.ts'

export class SharedSockets {
  private held: readonly BoundSocket[] = []
  private scheme: 'http' | 'https' = 'http'
  private readonly offered: InheritedSocket[]
  private readonly activated: readonly string[]
  private readonly owner: Identity | null

  constructor(inherited: Inherited, owner: Identity | null) {
    this.offered = [...inherited.handover?.sockets ?? []]
    const before = this.offered.filter(({ activated }) => activated).map(({ address }) => address)
    this.activated = [...before, ...inherited.activated.map((fd) => `fd:${fd}`)]
    this.owner = owner
  }

  get addresses(): readonly Address[] {
    return this.held.map(({ address }) => address)
  }

  /** For people. */
  get urls(): readonly string[] {
    return this.held.map(({ address }) => urlOf(address, this.scheme))
  }

  /** @throws where an address cannot be had; then all is as before */
  async socketsFor(addresses: readonly string[], scheme: 'http' | 'https'): Promise<Sockets> {
    // Socket activation decides where to listen, as sd_listen_fds(3) has it.
    const names = this.activated.length > 0 ? this.activated : addresses
    const left = [...this.held]
    const bound: BoundSocket[] = []
    try {
      for (const name of names) {
        const at = left.findIndex((socket) => socket.name === name)
        if (at >= 0) bound.push(...left.splice(at, 1))
        else bound.push(await this.obtain(name))
      }
    } catch (error) {
      for (const socket of bound) if (!this.held.includes(socket)) socket.close('over')
      throw error
    }
    this.held = [...left, ...bound]
    this.scheme = scheme
    return {
      shared: bound.map(({ address, handle }) => ({ address: formatAddress(address), handle })),
      urls: bound.map(({ address }) => urlOf(address, scheme)),
    }
  }

  /** Closes all but these. */
  settle({ shared }: Sockets): void {
    for (const { address, fd } of this.offered.splice(0)) inheritSocket(parseAddress(address) as Address, fd).close('over')
    const kept = this.held.filter(({ handle }) => shared.some((one) => one.handle === handle))
    for (const socket of this.held) if (!kept.includes(socket)) socket.close('over')
    this.held = kept
  }

  release(how: 'over' | 'handed over'): void {
    for (const socket of this.held) socket.close(how)
    this.held = []
  }

  /** What a successor finds, by number. */
  get handover(): { readonly sockets: readonly InheritedSocket[], readonly descriptors: readonly number[] } {
    return {
      sockets: this.held.map(({ name }, i) => ({ address: name, fd: FIRST_DESCRIPTOR + i, activated: this.activated.includes(name) })),
      descriptors: this.held.map(({ handle }) => handle.fd),
    }
  }

  private async obtain(name: string): Promise<BoundSocket> {
    const address = parseAddress(name) as Address
    const at = this.offered.findIndex((one) => one.address === name)
    if (at < 0) return bindSocket(address, this.owner)
    const [{ fd }] = this.offered.splice(at, 1) as [InheritedSocket]
    return inheritSocket(address, fd)
  }
}
