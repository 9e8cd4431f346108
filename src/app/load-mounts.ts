/** The applications of the setting `mount`, below their prefixes. */
import type { Mount } from '../config/mount.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { mount } from '../web/mount.ts'
import { loadTarget } from './load-target.ts'

/**
 * One application of several. A target that is mounted twice is loaded once.
 * @param cwd what a relative path starts from
 * @throws {TargetError} for the first that cannot be loaded
 */
export async function loadMounts(mounts: readonly Mount[], cwd: string): Promise<WSGIApplication> {
  const loaded = new Map<string, WSGIApplication>()
  for (const { target } of mounts) {
    if (!loaded.has(target)) loaded.set(target, (await loadTarget(target, cwd, null)).callable)
  }
  return mount(Object.fromEntries(mounts.map(({ prefix, target }) => [`${prefix}/`, loaded.get(target) as WSGIApplication])))
}
