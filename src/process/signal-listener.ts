/** Hears the signals of the table for as long as an arbiter runs. */
import { signalNames, signals, type Action } from './signals.ts'

export class SignalListener {
  private readonly handlers = new Map<NodeJS.Signals, () => void>()

  constructor(heard: (action: Action, signal: string) => void) {
    for (const signal of signalNames) {
      const handler = (): void => heard(signals[signal].action, signal)
      this.handlers.set(signal, handler)
      process.on(signal, handler)
    }
  }

  close(): void {
    for (const [signal, handler] of this.handlers) process.off(signal, handler)
  }
}
