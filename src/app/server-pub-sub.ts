/** Gives the hub of this process the driver that its server's settings ask for. */
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { PubSubDriver } from '../pubsub/driver.ts'
import { pubsub } from '../pubsub/server-hub.ts'
import { WorkersDriver } from '../pubsub/workers-driver.ts'

/** Resolves when what was published has left. */
export type Disconnect = () => Promise<void>

/** A process has one hub, however many servers it has: the first has a say, and the last to end disconnects it. */
let held: { readonly url: string | null, readonly attached: Promise<void>, holders: number } | undefined

/** @param worker an arbiter has started this process */
export async function connectPubSub({ pubsub: url }: Settings, events: Events, worker: boolean): Promise<Disconnect> {
  if (held === undefined) {
    held = { url, attached: attach(url, worker, events), holders: 0 }
  } else if (held.url !== url) {
    events.publish('warning', { text: 'another server of this process has said where published messages go; this setting pubsub has no effect' })
  }
  const own = held
  own.holders++
  await own.attached
  return async () => {
    if (--own.holders > 0) return
    held = undefined
    await pubsub.close()
  }
}

async function attach(url: string | null, worker: boolean, events: Events): Promise<void> {
  const driver = url !== null ? await redisDriver(url) : worker ? new WorkersDriver() : undefined
  if (driver !== undefined) pubsub.attach(driver, (text, error) => events.publish('warning', { text, error }))
}

/** Loaded for those who use it: a worker starts sooner without. */
async function redisDriver(url: string): Promise<PubSubDriver> {
  const { RedisDriver } = await import('../pubsub/redis-driver.ts')
  return new RedisDriver(url)
}
