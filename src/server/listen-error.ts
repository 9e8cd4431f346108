/** Why an address cannot be had, in one line. */
import { formatAddress, type Address } from '../config/address.ts'

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use', EACCES: 'permission denied', EADDRNOTAVAIL: 'the address is not one of this machine',
  ENOTFOUND: 'the host is unknown', EINVAL: 'not a socket that can listen', ENOTSOCK: 'not a socket', EBADF: 'not an open descriptor',
  ENOENT: 'its directory does not exist',
}

/** The error that names the address, with Node's `code`. */
export function cannotListen(address: Address, error: NodeJS.ErrnoException): Error {
  const reason = reasons[error.code ?? ''] ?? error.message
  return Object.assign(new Error(`cannot listen on ${formatAddress(address)}: ${reason}`, { cause: error }), { code: error.code })
}
