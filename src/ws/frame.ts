/** One unmasked frame that is a whole message, as a server sends it (RFC 6455 section 5.2): made once, however many get it. */

/** FIN, and the opcode. */
const TEXT = 0x81
const BINARY = 0x82

export function messageFrame(message: string | Uint8Array): Buffer {
  const length = typeof message === 'string' ? Buffer.byteLength(message) : message.length
  const offset = length < 126 ? 2 : length < 65536 ? 4 : 10
  const frame = Buffer.allocUnsafe(offset + length)
  frame[0] = typeof message === 'string' ? TEXT : BINARY
  if (offset === 2) {
    frame[1] = length
  } else if (offset === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(Math.floor(length / 0x100000000), 2)
    frame.writeUInt32BE(length >>> 0, 6)
  }
  if (typeof message === 'string') frame.write(message, offset)
  else frame.set(message, offset)
  return frame
}
