/**
 * Sockets that are bound here and accepted from elsewhere. Node's own `listen()` begins to accept; the handle beneath it does
 * not until somebody listens on it, which is how Node's cluster module shares one. `_createServerHandle` is exported for that
 * module and is not documented: test/server/bound-socket.test.ts holds it on every supported Node.
 */
import { lookup } from 'node:dns/promises'
import { chownSync, renameSync, unlinkSync } from 'node:fs'
import * as net from 'node:net'
import { basename, dirname, join } from 'node:path'
import { getSystemErrorName } from 'node:util'
import { formatAddress, type Address } from '../config/address.ts'
import { cannotListen } from './listen-error.ts'
import { clearStale } from './unix-path.ts'

/** What lies beneath a net.Server. */
export interface ServerHandle {
  readonly fd: number
  getsockname?(out: { port?: number }): number
  close(): void
}

type CreateHandle = (address: string | null, port: number, type: 4 | 6 | -1, fd: number | null, flags: number) => ServerHandle | number

const createHandle: CreateHandle = (net as unknown as { _createServerHandle: CreateHandle })._createServerHandle

export class BoundSocket {
  /** As the settings have it. */
  readonly wanted: Address
  /** As bound: with the port that the system chose. */
  readonly address: Address
  readonly handle: ServerHandle

  constructor(wanted: Address, handle: ServerHandle) {
    this.wanted = wanted
    this.handle = handle
    const facts: { port?: number } = {}
    if (wanted.kind === 'tcp') handle.getsockname?.(facts)
    this.address = wanted.kind === 'tcp' ? { ...wanted, port: facts.port ?? wanted.port } : wanted
  }

  get name(): string {
    return formatAddress(this.wanted)
  }

  /** `handed over`: another process goes on with it. */
  close(how: 'over' | 'handed over'): void {
    this.handle.close()
    if (this.wanted.kind !== 'unix' || how === 'handed over') return
    try {
      unlinkSync(this.wanted.path)
    } catch {
      // Somebody has removed it already.
    }
  }
}

/**
 * @param owner whom the file of a unix socket is given to
 * @throws {Error} naming the address, with Node's `code`, where it cannot be had
 */
export async function bindSocket(address: Address, owner: { uid: number, gid: number } | null): Promise<BoundSocket> {
  switch (address.kind) {
    case 'fd': return new BoundSocket(address, opened(address, address.fd))
    case 'unix': return new BoundSocket(address, await bindPath(address, owner))
    case 'tcp': return new BoundSocket(address, await bindPort(address))
  }
}

/** One that was inherited under a number, for an address of the settings. */
export function inheritSocket(address: Address, fd: number): BoundSocket {
  return new BoundSocket(address, opened(address, fd))
}

function opened(address: Address, fd: number): ServerHandle {
  return checked(address, createHandle(null, 0, -1, fd, 0))
}

async function bindPort(address: Address & { kind: 'tcp' }): Promise<ServerHandle> {
  if (address.host === null) {
    // Every interface: one socket for IPv6 and IPv4, where there is IPv6.
    const both = createHandle('::', address.port, 6, null, 0)
    return checked(address, both === codes.EAFNOSUPPORT || both === codes.EINVAL || both === codes.EADDRNOTAVAIL
      ? createHandle('0.0.0.0', address.port, 4, null, 0) : both)
  }
  const found = await lookup(address.host).catch((error: NodeJS.ErrnoException) => { throw cannotListen(address, error) })
  return checked(address, createHandle(found.address, address.port, found.family === 6 ? 6 : 4, null, 0))
}

/** As libuv has them on Linux and macOS differ; named through Node. */
const codes: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from({ length: 200 }, (_, i) => [-1 - i] as const).flatMap(([code]) => {
    try {
      return [[getSystemErrorName(code), code] as const]
    } catch {
      return []
    }
  }),
)

/**
 * Bound under another name, then renamed: libuv removes the file it has bound when it closes the handle, also where a
 * successor still serves on it.
 */
async function bindPath(address: Address & { kind: 'unix' }, owner: { uid: number, gid: number } | null): Promise<ServerHandle> {
  const { path } = address
  if (await clearStale(path)) throw cannotListen(address, Object.assign(new Error('in use'), { code: 'EADDRINUSE' }))
  const temporary = join(dirname(path), `.${basename(path).slice(0, 1)}${process.pid.toString(36)}`)
  const handle = checked(address, createHandle(temporary, -1, -1, null, 0))
  if (owner !== null) chownSync(temporary, owner.uid, owner.gid)
  renameSync(temporary, path)
  return handle
}

function checked(address: Address, handle: ServerHandle | number): ServerHandle {
  // libuv keeps back that a port is in use until somebody listens, or asks for the name.
  const code = typeof handle === 'number' ? handle : address.kind === 'tcp' ? handle.getsockname?.({}) ?? 0 : 0
  if (code === 0) return handle as ServerHandle
  if (typeof handle !== 'number') handle.close()
  const name = getSystemErrorName(code)
  throw cannotListen(address, Object.assign(new Error(name), { code: name }))
}
