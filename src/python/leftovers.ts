/** Directories of servers that were killed together with their Python workers: nobody else removes them. */
import { lstat, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'

/** What the name of each directory begins with; six letters or digits follow. */
export const PREFIX = 'pulsar-wire-'
const OURS = new RegExp(`^${PREFIX}[A-Za-z0-9]{6}$`)
/** A socket that is so young, in milliseconds, may be one that is about to listen. */
const YOUNG = 10_000

/**
 * Removes those of this user on whose socket nobody listens.
 * @param socket its name in the directory
 */
export async function removeLeftovers(base: string, socket: string): Promise<void> {
  for (const name of await readdir(base)) {
    if (!OURS.test(name)) continue
    const directory = join(base, name)
    if (await isLeftOver(directory, join(directory, socket))) await rm(directory, { recursive: true, force: true })
  }
}

async function isLeftOver(directory: string, socket: string): Promise<boolean> {
  try {
    const own = await lstat(directory)
    if (!own.isDirectory() || own.uid !== process.getuid?.() || (own.mode & 0o077) !== 0) return false
    const { mtimeMs } = await lstat(socket)
    return Date.now() - mtimeMs > YOUNG && !await listens(socket)
  } catch {
    // Gone meanwhile, or without a socket: it is not known whose it is.
    return false
  }
}

/** False only where the system says that nobody does. */
function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
}
