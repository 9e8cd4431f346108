/** What a daemon or a successor says to the process that started it and waits. */
import type { FromSuccessor } from './messages.ts'

export class ParentReport {
  serving(): Promise<void> {
    return this.send({ type: 'serving' })
  }

  failed(status: number, text: string): Promise<void> {
    return this.send({ type: 'failed', status, text })
  }

  private send(message: FromSuccessor): Promise<void> {
    return new Promise((resolve) => {
      if (!process.connected || process.send === undefined) {
        // The parent has gone meanwhile: there is nobody to tell.
        resolve()
        return
      }
      process.send(message, () => {
        if (process.connected) process.disconnect()
        resolve()
      })
    })
  }
}
