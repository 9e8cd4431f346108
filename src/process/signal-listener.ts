/** Hears signals of the table until it is closed. */
import { signalNames, signals, type Action, type SignalName } from './signals.ts'

export class SignalListener {
  private readonly handlers = new Map<NodeJS.Signals, () => void>()

  /** @param names those heard; the system has its way with the others */
  constructor(heard: (action: Action, signal: string) => void, names: readonly SignalName[] = signalNames) {
    for (const signal of names) {
      const handler = (): void => heard(signals[signal].action, signal)
      this.handlers.set(signal, handler)
      process.on(signal, handler)
    }
  }

  close(): void {
    for (const [signal, handler] of this.handlers) process.off(signal, handler)
  }
}
