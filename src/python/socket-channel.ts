/**
 * By which a Python process is lent the sockets of clients: the channel that child_process makes, since Node passes a descriptor on
 * no other. Node would take what comes on it for JSON of its own protocol, and end with an error where it is not, so nothing is read
 * from it; then no descriptor is acknowledged either. That is no documented use: where the internals are not as expected none is lent.
 */
import type { ChildProcess } from 'node:child_process'

interface ChannelHandle {
  readStop?(): number
}

interface ChildInternals {
  /** What waits for an acknowledgement; without a list nothing does. */
  _handleQueue: unknown
}

export class SocketChannel {
  private readonly child: ChildProcess

  private constructor(child: ChildProcess) {
    this.child = child
  }

  /** @param child started with `ipc` among its streams @returns null where none can be had; its channel is closed then */
  static of(child: ChildProcess): SocketChannel | null {
    const key = Object.getOwnPropertySymbols(child).find(({ description }) => description === 'kChannelHandle')
    const handle = key === undefined ? undefined : (child as unknown as Record<symbol, ChannelHandle | undefined>)[key]
    if (handle?.readStop === undefined || !('_handleQueue' in child)) {
      if (child.connected) child.disconnect()
      return null
    }
    handle.readStop()
    child.channel?.unref()
    return new SocketChannel(child)
  }

  /** The answer to BORROW. @param handle null: it gets none */
  answer(id: number, handle: object | null): void {
    const { child } = this
    child.send({ id }, handle as Parameters<ChildProcess['send']>[1], {}, (error) => {
      // The connection has been closed meanwhile; of a process that has ended nobody waits.
      if (error !== null && handle !== null && child.connected) this.answer(id, null)
    });
    (child as unknown as ChildInternals)._handleQueue = null
  }

  close(): void {
    if (this.child.connected) this.child.disconnect()
  }
}
