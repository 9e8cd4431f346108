import type { Rows } from '../row.ts'

export const python = {
  python: {
    type: 'path', metavar: 'PROGRAM', default: null, unset: 'that of `VIRTUAL_ENV`, of `./.venv`, or `python3`, in that order',
    text: 'The Python that runs a Python application: a program, or the directory of a virtual environment.',
  },
  pythonWorkers: {
    type: 'workers', default: 1, min: 1, max: 1024,
    text: `How many Python processes a server process runs a Python application in; \`auto\` is one per core. Where TARGET is a
      Python application \`workers\` says it, unless this does.`,
  },
  threads: {
    type: 'count', default: 1, min: 1, max: 1024,
    text: `How many requests a Python process runs at a time, each in a thread of its own; \`wsgi.multithread\` is true then.
      With one the application runs in the main thread.`,
  },
  preload: {
    type: 'flag', default: false,
    text: `Load a Python application once, and fork its processes from there: they share memory, and start at once. What the
      application opens while it is loaded is shared too.`,
  },
  pythonpath: {
    type: 'path', metavar: 'PATHS', default: null, unset: 'none',
    text: 'Directories, with colons between, that Python modules are looked for in first, behind the working directory.',
  },
  pythonWebsockets: {
    type: 'count', default: 0, min: 0, max: 65_536,
    text: `How many WebSockets a Python process holds at a time, each in a thread of its own, beside \`threads\`;
      \`wsgi.multithread\` is true then. 0 offers Python none: such a request is one like any other.`,
  },
  requestBuffering: {
    type: 'choice', choices: ['on', 'off'], default: 'on',
    text: `Call a Python application when the body of the request has come whole, so that a slow client holds up none of its
      processes; \`off\` calls it at once, and it waits for the body itself.`,
  },
  requestBufferLimit: {
    type: 'bytes', default: 1_073_741_824, min: 0,
    text: `The longest body that is kept for a Python application: up to 64 KiB in memory, beyond in a temporary file. A longer
      one gets 413.`,
  },
  responseBufferLimit: {
    type: 'bytes', default: 1_073_741_824, min: 0,
    text: `How much of the answers of Python applications is kept in temporary files, of all together, for clients that are slow to take
      them while other requests wait for a Python process. 0 keeps none: the application waits for its client.`,
  },
  queueLimit: {
    type: 'count', default: 1024, min: 0,
    text: 'How many requests may wait for a Python process while all are busy; one more gets 503.',
  },
  queueTimeout: {
    type: 'seconds', default: 30,
    text: 'How long a request may wait for a Python process; then it gets 503. 0 is no limit.',
  },
  sendfileRoot: {
    type: 'path', metavar: 'DIRECTORY', default: null, unset: 'off',
    text: `Where a Python application may name a file by \`X-Sendfile\` (its path) or \`X-Accel-Redirect\` (its path below this
      directory), the server sends that file in place of the application's body. Files outside are never sent.`,
  },
} as const
python satisfies Rows
