import type { CauseName } from './causes.ts'

/** What reading a body, or waiting for a slow client, rejects with when the exchange ended under it. Not an error of the application's. */
export class ExchangeClosed extends Error {
  override readonly name: string = 'ExchangeClosed'
  readonly reason: CauseName
  constructor(reason: CauseName, detail: string) {
    super(`${reason}: ${detail}`)
    this.reason = reason
  }
}
