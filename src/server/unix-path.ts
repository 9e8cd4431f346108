/** The file of a unix socket. */
import { statSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * The file outlives a killed server; one that nobody answers on is removed.
 * @returns true where the path is taken: somebody answers, or it is a file of another kind, which is left as it is
 */
export async function clearStale(path: string): Promise<boolean> {
  try {
    if (!statSync(path).isSocket()) return true
  } catch {
    return false
  }
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => resolve(true)).on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
    probe.on('connect', () => probe.destroy())
  })
  if (!alive) unlinkSync(path)
  return alive
}
