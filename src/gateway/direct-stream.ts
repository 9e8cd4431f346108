/** A stream of an upgraded connection that takes bytes past its own queue; not every wire has one. */
import type { Duplex } from 'node:stream'

export interface DirectStream extends Duplex {
  /**
   * As write(), without a callback: what can leave at once does so without the stream's queue and its ticks. In order with what
   * was written before and comes after. The bytes MUST NOT be changed afterwards.
   * @returns false: wait for `drain`
   */
  send(bytes: Uint8Array): boolean
  /** Bytes of the last send() that the system has not taken yet; they are not in `writableLength`. */
  readonly sending: number
}

export function isDirect(stream: Duplex): stream is DirectStream {
  return typeof (stream as Partial<DirectStream>).send === 'function'
}
