/** Gives the hub of this process the driver that its server's settings ask for. */
import type { Settings } from '../config/settings.ts'
import type { Events } from '../events.ts'
import type { PubSubDriver } from '../pubsub/driver.ts'
import { RedisDriver } from '../pubsub/redis-driver.ts'
import { pubsub } from '../pubsub/server-hub.ts'
import { WorkersDriver } from '../pubsub/workers-driver.ts'

/** Resolves when what was published has left. */
export type Disconnect = () => Promise<void>

/** A process has one hub, however many servers it has: the first has a say, and the last to end disconnects it. */
let held: { readonly url: string | null, holders: number } | undefined

/** @param worker an arbiter has started this process */
export function connectPubSub({ pubsub: url }: Settings, events: Events, worker: boolean): Disconnect {
  if (held === undefined) {
    held = { url, holders: 0 }
    const driver = driverFor(url, worker)
    if (driver !== undefined) pubsub.attach(driver, (text, error) => events.publish('warning', { text, error }))
  } else if (held.url !== url) {
    events.publish('warning', { text: 'another server of this process has said where published messages go; this setting pubsub has no effect' })
  }
  const own = held
  own.holders++
  return async () => {
    if (--own.holders > 0) return
    held = undefined
    await pubsub.close()
  }
}

function driverFor(url: string | null, worker: boolean): PubSubDriver | undefined {
  return url !== null ? new RedisDriver(url) : worker ? new WorkersDriver() : undefined
}
