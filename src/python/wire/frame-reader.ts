/** Finds frames in a stream of bytes, however it is cut. */
import { FRAME_HEAD, frameRules, ToServer, WireError } from './frames.ts'

/**
 * The payload is the receiver's, but a view of what was read: what outlives the next turn by far is better copied.
 * DATA comes in pieces as they arrive, none of them empty: bytes of a body need not be put together.
 */
export type TakeFrame = (type: number, id: number, payload: Buffer) => void

export class FrameReader {
  private readonly socket: 'data' | 'control'
  private readonly take: TakeFrame
  /** A head that has not come whole, then a payload. */
  private readonly head: Buffer = Buffer.alloc(FRAME_HEAD)
  private headBytes = 0
  private payload: Buffer | undefined
  private filled = 0
  /** What is still to come of a DATA frame. */
  private left = 0
  private ended = false

  constructor(socket: 'data' | 'control', take: TakeFrame) {
    this.socket = socket
    this.take = take
  }

  /** Nothing is read any more; also from within a frame. */
  end(): void {
    this.ended = true
  }

  /** @throws {WireError} for what is no frame that a worker may send on this socket */
  push(bytes: Buffer): void {
    let at = 0
    const { length } = bytes
    while (at < length && !this.ended) {
      if (this.left > 0) {
        at += this.pass(bytes, at)
      } else if (this.payload !== undefined) {
        at += this.fill(this.payload, bytes, at)
      } else if (this.headBytes > 0 || length - at < FRAME_HEAD) {
        const copied = bytes.copy(this.head, this.headBytes, at, Math.min(length, at + FRAME_HEAD - this.headBytes))
        this.headBytes += copied
        at += copied
        if (this.headBytes === FRAME_HEAD) this.begin(this.check(this.head, 0))
      } else {
        const size = this.check(bytes, at)
        const end = at + FRAME_HEAD + size
        if (end <= length) {
          this.take(bytes[at + 4] as number, bytes.readUInt32LE(at + 5), bytes.subarray(at + FRAME_HEAD, end))
          at = end
        } else {
          bytes.copy(this.head, 0, at, at + FRAME_HEAD)
          at += FRAME_HEAD
          this.begin(size)
        }
      }
    }
  }

  private begin(size: number): void {
    if (this.head[4] === ToServer.DATA) {
      this.headBytes = 0
      this.left = size
      return
    }
    this.headBytes = FRAME_HEAD
    this.payload = Buffer.allocUnsafe(size)
    this.filled = 0
    if (size === 0) this.complete(this.payload)
  }

  /** The next piece of a DATA frame. */
  private pass(bytes: Buffer, at: number): number {
    const piece = bytes.subarray(at, at + this.left)
    this.left -= piece.length
    this.take(ToServer.DATA, this.head.readUInt32LE(5), piece)
    return piece.length
  }

  private fill(payload: Buffer, bytes: Buffer, at: number): number {
    const copied = bytes.copy(payload, this.filled, at, Math.min(bytes.length, at + payload.length - this.filled))
    this.filled += copied
    if (this.filled === payload.length) this.complete(payload)
    return copied
  }

  private complete(payload: Buffer): void {
    this.payload = undefined
    this.headBytes = 0
    this.take(this.head[4] as number, this.head.readUInt32LE(5), payload)
  }

  /** The length of the payload, known to be one that the type allows. */
  private check(bytes: Buffer, at: number): number {
    const size = bytes.readUInt32LE(at)
    const type = bytes[at + 4] as number
    const rule = frameRules[type]
    if (rule === undefined) throw new WireError(`there is no frame of type ${type} to a server`)
    if (rule.socket !== 'both' && rule.socket !== this.socket) throw new WireError(`a frame of type ${type} on the ${this.socket} socket`)
    if (size < rule.shortest || size > rule.longest) throw new WireError(`a frame of type ${type} with ${size} bytes`)
    if (rule.request !== (bytes.readUInt32LE(at + 5) !== 0)) {
      throw new WireError(`a frame of type ${type} ${rule.request ? 'without the' : 'with an'} id of a request`)
    }
    return size
  }
}
