/** Between the workers of one server, through their arbiter: no service beside the server is needed. */
import type { Published } from '../process/messages.ts'
import { arbiterChannel, type PublishChannel } from '../process/publish-channel.ts'
import type { DriverHost, Message, PubSubDriver } from './driver.ts'
import { Outbox } from './outbox.ts'
import { UnsentCount } from './unsent-count.ts'

/** Every worker hears all that any other publishes, and leaves out what nobody in it has subscribed for. */
export class WorkersDriver implements PubSubDriver {
  private readonly channel: PublishChannel
  private readonly outbox = new Outbox()
  private unsent: UnsentCount | undefined
  private stop: (() => void) | undefined

  constructor(channel: PublishChannel = arbiterChannel) {
    this.channel = channel
  }

  open(host: DriverHost): void {
    this.unsent = new UnsentCount(host)
    this.stop = this.channel.listen({
      published: (published) => host.deliver(published.channel, messageOf(published)),
      unheard: (messages) => host.lost({ kind: 'unheard', messages, reason: 'this worker did not take them in time' }),
    })
  }

  subscribe(): undefined {}

  unsubscribe(): void {}

  publish(channel: string, message: Message): void {
    const published = publishedOf(channel, message)
    const size = channel.length + ('text' in published ? published.text : published.base64).length
    if (!this.outbox.add(size)) {
      this.unsent?.add('the arbiter does not take them in time')
      return
    }
    this.channel.send(published, (error) => {
      if (error !== null) this.unsent?.add(error.message)
      this.outbox.remove(size)
    })
  }

  async flush(): Promise<void> {
    await this.outbox.empty()
    this.unsent?.tell()
  }

  async close(): Promise<void> {
    await this.flush()
    // Subscribers here have been given what this worker published; what others published before that is for them as well.
    await this.channel.flush()
    this.stop?.()
  }
}

/** The channel between processes carries JSON: bytes go as base64. */
function publishedOf(channel: string, message: Message): Published {
  if (typeof message === 'string') return { type: 'publish', channel, text: message }
  const { buffer, byteOffset, byteLength } = message
  return { type: 'publish', channel, base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
}

function messageOf(published: Published): Message {
  return 'text' in published ? published.text : new Uint8Array(Buffer.from(published.base64, 'base64'))
}
