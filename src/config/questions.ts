import type { Action } from './settings.ts'

/** An option that asks for an answer instead of a server. It is no setting: it exists on the command line alone. */
export interface Question {
  readonly name: string
  readonly short?: string
  readonly action: Action
  readonly text: string
  /** What the help calls its value, where it takes one. */
  readonly metavar?: string
}

export const questions: readonly Question[] = [
  { name: 'checkConfig', action: 'check', text: 'Read every setting, load TARGET, say whether all is well, and end.' },
  { name: 'printConfig', action: 'print', text: 'Print every setting with its value and where it came from, and end.' },
  {
    name: 'fromGunicorn', metavar: 'FILE', action: 'translate',
    text: 'Run a config file of gunicorn\'s, print it as `pulsar.config.ts`, with what has no equal, and end.',
  },
  { name: 'help', short: 'h', action: 'help', text: 'Print this, and end.' },
  { name: 'version', short: 'V', action: 'version', text: 'Print the version, and end.' },
]
