/**
 * What an application needs running beside it in the server's process, such as a pool of other processes. An application that
 * is wrapped in middleware cannot be seen from outside, so services make themselves known here, and whoever serves holds them.
 */
import type { GatewayContext } from './own-gateway.ts'

export interface ServiceContext extends GatewayContext {
  /** The server is restarted when a source changes: sources() is asked for. */
  readonly watching: boolean
}

export interface Service {
  /** Resolves when it can be used. @throws {ServiceFailure} (a rejection) where it cannot be started; nothing runs then */
  start(context: ServiceContext): Promise<void>
  /** Called when no request is left. Resolves when nothing of it runs any more; it may be started again. */
  stop(): Promise<void>
  processes?(): readonly ServiceProcess[]
  /** Requests that wait for one of its processes. */
  waiting?(): number
  /** @param patience milliseconds, for each process */
  stacks?(patience: number): Promise<readonly ProcessStacks[]>
  /** Absolute paths of the files that it was made of, as far as they are the user's. */
  sources?(): readonly string[]
}

/** A process that a service runs, as operators see it; times in seconds, memory in bytes. */
export type ServiceProcess = {
  /** Numbers are given once in a process. */
  readonly number: number
  readonly pid: number
  readonly what: string
  readonly state: 'starting' | 'ready' | 'retiring'
  /** Requests that it has now, and how many it runs at a time. */
  readonly busy: number
  readonly threads: number
  /** Requests that it was given. */
  readonly taken: number
  readonly uptime: number
  readonly memory: number
}

/** Where the threads of a process are: text as its language writes it, null where it does not say. */
export type ProcessStacks = { readonly number: number, readonly pid: number, readonly what: string, readonly text: string | null }

/** A service that cannot be started: the server cannot either. */
export class ServiceFailure extends Error {
  override readonly name: string = 'ServiceFailure'
  /** More than a line, such as a traceback; empty where there is none. */
  readonly detail: string

  constructor(message: string, detail: string = '') {
    super(message)
    this.detail = detail
  }
}

/** The services of a process, held by a server from before it serves until it has drained. */
export interface HeldServices {
  readonly services: readonly Service[]
  sources(): readonly string[]
  /** Those that nobody else holds are stopped, and forgotten. */
  release(): Promise<void>
}

interface Holding {
  holders: number
  readonly started: Promise<void>
}

interface Registry {
  readonly known: Set<Service>
  readonly held: Map<Service, Holding>
}

// On the global object, because the application may import another copy of this package than the command's.
const KEY = Symbol.for('pulsar-wsgi.services')
const shared = globalThis as typeof globalThis & { [KEY]?: Registry }
const registry = (): Registry => shared[KEY] ??= { known: new Set(), held: new Map() }

/** Makes a service known to the next server that starts in this process; more than once changes nothing. */
export function registerService(service: Service): void {
  registry().known.add(service)
}

/**
 * Starts the services that are known and do not run, and holds them all.
 * @throws {ServiceFailure} (a rejection) of the first that cannot be started; none is held then
 */
export async function holdServices(context: ServiceContext): Promise<HeldServices> {
  const services = [...registry().known]
  const started = services.map((service) => hold(service, context))
  try {
    await Promise.all(started)
  } catch (error) {
    await Promise.allSettled(started)
    await release(services)
    throw error
  }
  let releasing: Promise<void> | undefined
  return {
    services,
    sources: () => services.flatMap((service) => service.sources?.() ?? []),
    release: () => releasing ??= release(services),
  }
}

function hold(service: Service, context: ServiceContext): Promise<void> {
  const { held } = registry()
  const holding = held.get(service) ?? { holders: 0, started: service.start(context) }
  held.set(service, holding)
  holding.holders++
  return holding.started
}

async function release(services: readonly Service[]): Promise<void> {
  const { known, held } = registry()
  const ending = services.filter((service) => {
    const holding = held.get(service)
    if (holding === undefined || --holding.holders > 0) return false
    held.delete(service)
    known.delete(service)
    return true
  })
  await Promise.all(ending.map((service) => service.stop()))
}
