/** What is used of a WebSocket of the `ws` library: stated here, so that who uses the types of this package needs no others. */
export interface LibrarySocket {
  readonly protocol: string
  readonly extensions: string
  readonly readyState: number
  readonly OPEN: 1
  readonly bufferedAmount: number
  on(event: 'message', listener: (this: LibrarySocket, data: unknown, isBinary: boolean) => void): this
  on(event: 'ping' | 'pong', listener: (this: LibrarySocket, body: Buffer) => void): this
  on(event: 'error', listener: (this: LibrarySocket, error: Error) => void): this
  on(event: 'close', listener: (this: LibrarySocket, code: number, reason: Buffer) => void): this
  emit(event: string, ...args: readonly unknown[]): boolean
  send(message: string | Uint8Array, sent?: (error?: Error) => void): void
  ping(body?: string | Uint8Array): void
  pong(body?: string | Uint8Array): void
  pause(): void
  resume(): void
  close(code?: number, reason?: string): void
  terminate(): void
}
