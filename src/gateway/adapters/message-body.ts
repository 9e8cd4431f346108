/** The body of a node:http request, pulled. */
import type { IncomingMessage } from 'node:http'
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import type { FieldLines } from '../../http/request-head.ts'
import type { BodySource } from '../exchange.ts'

export class MessageBody implements BodySource {
  readonly length: number | null
  private readonly request: IncomingMessage

  constructor(request: IncomingMessage) {
    this.request = request
    const { 'content-length': announced, 'transfer-encoding': coding } = request.headers
    this.length = announced !== undefined ? Number(announced) : coding === undefined && request.httpVersionMajor < 2 ? 0 : null
  }

  get trailers(): FieldLines {
    return this.request.rawTrailers
  }

  async pull(size?: number): Promise<Uint8Array | null> {
    const { request } = this
    for (;;) {
      // A parser before us may have read it.
      if (request.readableEnded) return null
      const bytes = (size === undefined ? request.read() : request.read(size)) as Buffer | null
      if (bytes !== null) return bytes
      if (request.readableEnded) return null
      if (request.destroyed) throw new ExchangeClosed('client-gone', 'the client ended within the body')
      await this.more()
    }
  }

  /** There is more, or there never will be. */
  private more(): Promise<void> {
    const { request } = this
    return new Promise((resolve) => {
      const events = ['readable', 'end', 'close', 'error'] as const
      const done = (): void => {
        for (const event of events) request.off(event, done)
        resolve()
      }
      for (const event of events) request.on(event, done)
    })
  }
}
