/** Hubs of one process, connected without any service: for tests, and for applications that keep their parts apart. */
import type { DriverHost, Message, PubSubDriver } from './driver.ts'

export class MemoryBus {
  private readonly hosts = new Map<PubSubDriver, DriverHost>()

  /** Connects one more hub: `new PubSub(bus.driver())`. */
  driver(): PubSubDriver {
    const { hosts } = this
    const driver: PubSubDriver = {
      open: (host) => { hosts.set(driver, host) },
      subscribe: () => undefined,
      unsubscribe: () => undefined,
      publish: (channel, message) => this.carry(driver, channel, message),
      flush: () => Promise.resolve(),
      close: async () => { hosts.delete(driver) },
    }
    return driver
  }

  private carry(from: PubSubDriver, channel: string, message: Message): void {
    for (const [driver, host] of this.hosts) if (driver !== from) host.deliver(channel, message)
  }
}
