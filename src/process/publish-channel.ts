/** A worker's way for published messages: to its arbiter, which passes them to every other worker. */
import type { FromWorker, Published, ToWorker } from './messages.ts'

export interface PublishListener {
  published(message: Published): void
  /** So many messages were not passed to this worker, because it did not take what came before. */
  unheard(messages: number): void
}

export interface PublishChannel {
  /** @param sent called once: with null when the message has left this process */
  send(message: Published, sent: (error: Error | null) => void): void
  /** Resolves when what had been published elsewhere has come, or there is nobody left to bring it. */
  flush(): Promise<void>
  /** Gives the function that ends this. */
  listen(listener: PublishListener): () => void
}

/** To the arbiter that started this process. */
export const arbiterChannel: PublishChannel = {
  send(message, sent) {
    // Without a channel the arbiter has gone, and there is nobody to pass it on.
    if (!process.connected || process.send === undefined) sent(new Error('the arbiter is gone'))
    else process.send(message satisfies FromWorker, undefined, {}, sent)
  },
  flush() {
    return new Promise((resolve) => {
      if (!process.connected || process.send === undefined) {
        resolve()
        return
      }
      const over = (): void => {
        process.off('message', heard)
        process.off('disconnect', over)
        resolve()
      }
      const heard = (message: ToWorker): void => {
        if (message.type === 'flushed') over()
      }
      process.on('message', heard)
      process.once('disconnect', over)
      // A send that fails is followed by `disconnect`.
      process.send({ type: 'flush' } satisfies FromWorker, undefined, {}, () => undefined)
    })
  },
  listen(listener) {
    const heard = (message: ToWorker): void => {
      if (message.type === 'publish') listener.published(message)
      else if (message.type === 'unheard') listener.unheard(message.messages)
    }
    process.on('message', heard)
    return () => { process.off('message', heard) }
  },
}
