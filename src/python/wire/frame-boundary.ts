/** Where one WebSocket frame ends and the next begins, in the bytes of one side, and how many messages they are (RFC 6455 section 5.2). */

const HEAD = 2
const MASK = 4
/** How long a payload is, where its 7 bits say 126 or 127: in so many bytes more. */
const SHORT = 2
const LONG = 8
const FINAL = 0x80
/** Opcodes from here on are those of control frames, which are no messages (section 5.5). */
const CONTROL = 8

export class FrameBoundary {
  /** The head of the frame at hand, as far as it has come. */
  private readonly head: number[] = []
  /** Bytes of its payload that are still to come. */
  private left = 0
  /** The frame at hand is the last of its message. */
  private final = false
  private count = 0

  /** Messages that have come whole. */
  get messages(): number {
    return this.count
  }

  /** Nothing of a frame has come that has not come whole. */
  get reached(): boolean {
    return this.left === 0 && this.head.length === 0
  }

  /**
   * Goes on over bytes that have come.
   * @param first stop at the first boundary
   * @returns how many of them were gone over
   */
  pass(bytes: Uint8Array, { first }: { readonly first: boolean }): number {
    let at = 0
    while (at < bytes.length && !(first && at > 0 && this.reached)) {
      if (this.left > 0) {
        const step = Math.min(this.left, bytes.length - at)
        this.left -= step
        at += step
        this.counted()
      } else {
        this.head.push(bytes[at++] as number)
        this.read()
      }
    }
    return at
  }

  private read(): void {
    const { head } = this
    if (head.length < HEAD) return
    const second = head[1] as number
    const short = second & 127
    const more = short === 126 ? SHORT : short === 127 ? LONG : 0
    if (head.length < HEAD + more + (second >= 128 ? MASK : 0)) return
    const digits = head.slice(HEAD, HEAD + more)
    this.left = more === 0 ? short : digits.reduce((length, digit) => length * 256 + digit, 0)
    const first = head[0] as number
    this.final = first >= FINAL && (first & 15) < CONTROL
    head.length = 0
    this.counted()
  }

  private counted(): void {
    if (this.left === 0 && this.final) this.count++
  }
}

/** 1001, the server is going away (RFC 6455 section 7.4.1), as a client would say it: masked, here with zeros. */
export function goingAwayFrame(): Buffer {
  return Buffer.from([0x88, 0x80 | 2, 0, 0, 0, 0, 1001 >>> 8, 1001 & 255])
}
