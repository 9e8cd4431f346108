/** Why an address cannot be had, in one line. */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatAddress, type Address } from '../config/address.ts'

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use', EACCES: 'permission denied', EADDRNOTAVAIL: 'the address is not one of this machine',
  ENOTFOUND: 'the host is unknown', EINVAL: 'not a socket that can listen', ENOTSOCK: 'not a socket', EBADF: 'not an open descriptor',
  ENOENT: 'its directory does not exist',
}

/** What libuv calls EACCES or EADDRINUSE, where the path itself tells more. */
function pathReason(path: string): string | undefined {
  try {
    if (!statSync(dirname(path)).isDirectory()) return reasons.ENOENT
    const file = statSync(path, { throwIfNoEntry: false })
    return file === undefined || file.isSocket() ? undefined : 'there is a file of that name, which is no socket'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? reasons.ENOENT : undefined
  }
}

/** The error that names the address, with Node's `code`. */
export function cannotListen(address: Address, error: NodeJS.ErrnoException): Error {
  const reason = (address.kind === 'unix' ? pathReason(address.path) : undefined) ?? reasons[error.code ?? ''] ?? error.message
  return Object.assign(new Error(`cannot listen on ${formatAddress(address)}: ${reason}`, { cause: error }), { code: error.code })
}
