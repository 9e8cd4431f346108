/**
 * A script that calls `new WSGIServer(app).start()` may be imported by the command, or in a worker: there start() registers
 * the application and starts nothing.
 */
import type { SettingsParams } from '../config/settings.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'

export interface Registered {
  readonly callable: WSGIApplication
  readonly params: SettingsParams
}

interface Registry {
  registered: Registered[]
  arrived?: (() => void) | undefined
}

// On the global object, because the script may import another copy of this package than the command's.
const KEY = Symbol.for('pulsar-wsgi.registry')
const shared = globalThis as typeof globalThis & { [KEY]?: Registry | undefined }

/** True where the application was taken: the caller must not start a server. */
export function register(registered: Registered): boolean {
  const registry = shared[KEY]
  if (registry === undefined) return false
  registry.registered.push(registered)
  registry.arrived?.()
  return true
}

/** Runs `load`, and gives what servers were started in it. */
export async function whileRegistering<T>(load: () => Promise<T>): Promise<{ value: T; registered: readonly Registered[] }> {
  const registry: Registry = { registered: [] }
  shared[KEY] = registry
  try {
    return { value: await load(), registered: registry.registered }
  } finally {
    shared[KEY] = undefined
  }
}

/**
 * Runs `load` in a worker and waits for the server of that number which the script starts, also where it does so later than
 * its import. No start() of this process ever starts a server afterwards.
 * @param patience milliseconds after the import
 * @returns undefined where none was started in time
 */
export async function registeredBy(load: () => Promise<unknown>, index: number, patience: number): Promise<Registered | undefined> {
  const registry: Registry = { registered: [] }
  shared[KEY] = registry
  await load()
  if (registry.registered[index] === undefined) {
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, patience)
      registry.arrived = () => {
        if (registry.registered[index] === undefined) return
        clearTimeout(late)
        resolve()
      }
    })
  }
  return registry.registered[index]
}
