/** What is used of a WebSocket of the `ws` library: stated here, so that who uses the types of this package needs no others. */
export interface LibrarySocket {
  readonly protocol: string
  readonly extensions: string
  readonly readyState: number
  readonly OPEN: 1
  readonly bufferedAmount: number
  once(event: 'error', listener: (error: Error) => void): this
  once(event: 'open', listener: () => void): this
  off(event: 'error', listener: (error: Error) => void): this
  emit(event: string, ...args: readonly unknown[]): boolean
  send(message: string | Uint8Array, sent?: (error?: Error) => void): void
  ping(body?: string | Uint8Array): void
  pong(body?: string | Uint8Array): void
  pause(): void
  resume(): void
  close(code?: number, reason?: string): void
  terminate(): void
}
