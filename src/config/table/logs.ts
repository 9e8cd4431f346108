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
    text: 'The file that the log is appended to, and that is opened anew on USR1.',
  },
  accessLog: {
    type: 'path', metavar: 'FILE', default: null, unset: 'off',
    text: `The file that a line for every request is appended to, and that is opened anew on USR1; \`-\` is standard output.`,
  },
  accessLogFormat: {
    type: 'accessFormat', default: 'combined',
    text: `How the lines of the access log look: \`combined\`, as of Apache, with the request's id, cause and times behind it;
      \`json\`, an object per line; or a format of your own, such as \`%(h)s "%(r)s" %(s)s %(L)s\`, with gunicorn's atoms.`,
  },
} as const
logs satisfies Rows
