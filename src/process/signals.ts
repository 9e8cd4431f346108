/** The one table of signals. `docs/signals.md` is generated from it. */

export type Action = 'stop' | 'quit' | 'reload' | 'more' | 'fewer' | 'reopenLogs' | 'succeed'

export interface SignalRow {
  readonly action: Action
  /** What the arbiter does, for people. */
  readonly arbiter: string
  /** What a worker does that gets it itself. */
  readonly worker: string
  /** What a server without an arbiter (`--workers 0`) does. */
  readonly alone: string
}

const replaced = 'asks the arbiter to be replaced, serves until the new one does, then ends as at a reload'
const nothing = 'nothing: the arbiter decides'
const ignored = 'nothing'

export type SignalName = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGTTIN' | 'SIGTTOU' | 'SIGUSR1' | 'SIGUSR2'

export const signals: Readonly<Record<SignalName, SignalRow>> = {
  SIGTERM: {
    action: 'stop',
    arbiter: 'stops: accepts no more, lets what runs end for up to `gracefulTimeout`, exits with status 0',
    worker: replaced, alone: 'stops in the same way',
  },
  SIGINT: {
    action: 'quit', arbiter: 'stops at once: what runs is cut, status 0',
    worker: nothing, alone: 'stops at once',
  },
  SIGQUIT: {
    action: 'quit', arbiter: 'as SIGINT', worker: nothing, alone: 'stops at once',
  },
  SIGHUP: {
    action: 'reload',
    arbiter: 'reloads configuration and application: new workers are ready before the old ones drain (docs/reload.md)',
    worker: nothing, alone: 'with TLS, reads certificates and keys anew (docs/tls.md); else ends the process: there is nobody to take over',
  },
  SIGTTIN: {
    action: 'more', arbiter: 'one worker more', worker: nothing, alone: 'as the system has it',
  },
  SIGTTOU: {
    action: 'fewer', arbiter: 'one worker fewer, but never none', worker: nothing, alone: 'as the system has it',
  },
  SIGUSR1: {
    action: 'reopenLogs', arbiter: 'opens its log anew, and has all workers open theirs', worker: 'opens its log and access log anew',
    alone: 'opens its log and access log anew',
  },
  SIGUSR2: {
    action: 'succeed',
    arbiter: 'starts a new arbiter, from the code as it is now, on the same sockets; when that serves, drains and exits. '
      + 'Refused as process 1 of a container, which would end with it',
    worker: ignored, alone: 'ends the process, as the system has it',
  },
}

export const signalNames: readonly SignalName[] = Object.freeze(Object.keys(signals) as SignalName[])
