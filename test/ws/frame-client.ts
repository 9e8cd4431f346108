/** A client that sends exactly the frames it is told to, wrong ones too, and reads frames strictly (RFC 6455 section 5.2). */
import assert from 'node:assert/strict'
import { RawClient, type Address, type RawResponse } from '../support/raw-client.ts'

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

export interface Frame {
  readonly opcode: number
  readonly fin: boolean
  readonly rsv: number
  readonly payload: Buffer
}

export interface FrameOptions {
  readonly fin?: boolean
  readonly rsv?: number
  readonly mask?: boolean
  /** The length that the head says; default: that of the payload. */
  readonly length?: number
}

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

export function handshake(path: string, ...fieldLines: string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: a.example', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13', ...fieldLines, '', ''].join('\r\n')
}

export function frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const body = Buffer.from(payload as Uint8Array)
  const { fin = true, rsv = 0, mask = true, length = body.length } = options
  const size = length < 126 ? 2 : length < 65536 ? 4 : 10
  const head = Buffer.alloc(size)
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  head[1] = (mask ? 0x80 : 0) | (size === 2 ? length : size === 4 ? 126 : 127)
  if (size === 4) head.writeUInt16BE(length, 2)
  if (size === 10) head.writeBigUInt64BE(BigInt(length), 2)
  if (!mask) return Buffer.concat([head, body])
  const key = Buffer.from([0x12, 0x34, 0x56, 0x78])
  return Buffer.concat([head, key, body.map((byte, i) => byte ^ (key[i % 4] as number))])
}

/** The body of a close frame. */
export function closing(code: number, reason: string | Uint8Array = ''): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return Buffer.concat([head, Buffer.from(reason as Uint8Array)])
}

export class FrameClient {
  readonly raw: RawClient
  #bytes: Buffer = Buffer.alloc(0)

  private constructor(raw: RawClient) {
    this.raw = raw
  }

  static async open(address: Address, path: string, ...fieldLines: string[]): Promise<{ readonly client: FrameClient, readonly answer: RawResponse }> {
    const raw = await RawClient.connect(address)
    await raw.send(handshake(path, ...fieldLines))
    const answer = await raw.response()
    return { client: new FrameClient(raw), answer }
  }

  async send(...frames: Uint8Array[]): Promise<void> {
    await this.raw.send(...frames)
  }

  /** The next frame; null at the end of the connection. */
  async next(): Promise<Frame | null> {
    for (;;) {
      const found = readFrame(this.#bytes)
      if (found !== null) {
        this.#bytes = this.#bytes.subarray(found.size)
        return found.frame
      }
      if (this.raw.ended && this.raw.received().length === 0) {
        assert.equal(this.#bytes.length, 0, 'the connection ended within a frame')
        return null
      }
      const more = await this.raw.bytes().catch((error: unknown) => {
        // The end, in order or not, is told above; what does not come in time is an error.
        if (this.raw.ended) return Buffer.alloc(0)
        throw error
      })
      this.#bytes = Buffer.concat([this.#bytes, more])
    }
  }

  /** The next frame, which has to be of this opcode; its payload as text. */
  async text(opcode: number = TEXT): Promise<string> {
    const next = await this.next()
    assert.equal(next?.opcode, opcode)
    return next.payload.toString()
  }

  /** The code and the reason of the next frame, which has to be a close frame; then the end. */
  async closed(): Promise<[code: number, reason: string]> {
    const next = await this.next()
    assert.equal(next?.opcode, CLOSE)
    const { payload } = next
    return [payload.length === 0 ? 1005 : payload.readUInt16BE(), payload.subarray(2).toString()]
  }

  /** Closes in order, so that the server has nothing left. */
  async close(): Promise<void> {
    await this.send(frame(CLOSE, closing(1000)))
    for (let next = await this.next(); next !== null; next = await this.next());
    this.raw.destroy()
  }
}

function readFrame(bytes: Buffer): { readonly frame: Frame, readonly size: number } | null {
  if (bytes.length < 2) return null
  const [first, second] = bytes as unknown as [number, number]
  assert.equal(second & 0x80, 0, 'a server masks no frame (RFC 6455 section 5.1)')
  const short = second & 0x7f
  const offset = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < offset) return null
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  assert.ok(offset === 2 || length >= (offset === 4 ? 126 : 65536), 'the length is in its shortest form')
  if (bytes.length < offset + length) return null
  const payload = bytes.subarray(offset, offset + length)
  return { frame: { opcode: first & 15, fin: (first & 0x80) !== 0, rsv: (first >> 4) & 7, payload }, size: offset + length }
}
