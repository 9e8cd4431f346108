import type { Rows } from '../row.ts'

export const logs = {
  logLevel: {
    type: 'choice', choices: ['debug', 'info', 'warning', 'error', 'critical', 'none'], default: 'info', metavar: 'LEVEL',
    text: 'The least serious lines that are logged.',
  },
  logFormat: {
    type: 'choice', choices: ['readable', 'json'], default: null, metavar: 'FORMAT',
    unset: '`readable` on a terminal, else `json`',
    text: 'How log lines look: for people, or an object per line.',
  },
  logFile: {
    type: 'path', metavar: 'FILE', default: null, unset: 'standard error',
    text: 'The file that the log is appended to.',
  },
} as const
logs satisfies Rows
