/** Writing to a socket the way that its stream has it, for what lies on top of a transport: TLS takes one write at a time. */
import type { Socket } from 'node:net'
import { writeCorked, type Writer } from './socket-writer.ts'

export class StreamWriter implements Writer {
  private readonly socket: Socket

  /** Of what write() said false to, the socket's 'drain' tells. */
  constructor(socket: Socket) {
    this.socket = socket
  }

  get busy(): boolean {
    return this.socket.writableLength > 0
  }

  write(data: string | Uint8Array): boolean {
    const { socket } = this
    if (socket.destroyed) return false
    return typeof data === 'string' ? socket.write(data, 'latin1') : socket.write(data)
  }

  writeBlocks(text: string, blocks: readonly Uint8Array[]): boolean {
    return writeCorked(this.socket, text, blocks)
  }
}
