/**
 * Text and bytes on their way out, gathered in one piece of memory, so that answers leave as they will be on the wire: a text
 * put together of many would be made flat for each write, and a body made text for it.
 */

/** In bytes; what is longer does not pass through here. */
export const OUTPUT_SIZE = 32768

interface Latin1Writer { latin1Write(text: string, at: number, length: number): number }

export class OutputBuffer {
  private memory: Buffer = Buffer.allocUnsafeSlow(OUTPUT_SIZE)
  private length = 0
  /** Of the last output, because the next one is often as long. */
  private view: Buffer = this.memory

  get empty(): boolean {
    return this.length === 0
  }

  /** So much more fits. */
  get room(): number {
    return OUTPUT_SIZE - this.length
  }

  /** Latin-1 text, within the room. */
  addText(text: string): void {
    (this.memory as unknown as Latin1Writer).latin1Write(text, this.length, text.length)
    this.length += text.length
  }

  /** Bytes, within the room. */
  addBytes(bytes: Uint8Array): void {
    this.memory.set(bytes, this.length)
    this.length += bytes.length
  }

  /** What was added; valid until something is added again. */
  take(): Buffer {
    if (this.view.length !== this.length) this.view = this.memory.subarray(0, this.length)
    this.length = 0
    return this.view
  }

  /** What was taken last is somebody else's now. */
  giveAway(): void {
    this.memory = this.view = Buffer.allocUnsafeSlow(OUTPUT_SIZE)
  }
}
