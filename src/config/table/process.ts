import type { Rows } from '../row.ts'

export const processRows = {
  workers: {
    type: 'workers', short: 'w', default: 1, max: 1024, otherVariable: { name: 'WEB_CONCURRENCY', prefix: '' },
    text: `How many server processes an arbiter starts, watches and replaces; \`auto\` is one per core. 0 serves in this
      process, without an arbiter; so does \`loadConfig: false\` where nothing else is said.`,
  },
  maxRequests: {
    type: 'count', default: 0, min: 0,
    text: 'Replace a worker after so many requests; it finishes what it has. 0 is never.',
  },
  maxRequestsJitter: {
    type: 'count', default: 0, min: 0,
    text: 'Up to so many requests more, by chance, so that workers are not replaced at the same time.',
  },
  maxMemory: {
    type: 'count', default: 0, min: 0, metavar: 'MIB',
    text: 'Replace a worker whose resident memory has grown beyond so many MiB; it finishes what it has. 0 is never.',
  },
  readyPath: {
    type: 'requestPath', default: null, unset: 'a worker that listens is ready',
    text: `A new worker serves only after the application has answered a GET of this path with 2xx; a reload whose workers do
      not is given up.`,
  },
  reload: {
    type: 'flag', default: false,
    text: `For development: start the workers anew when a source file changes. Requests wait meanwhile, and a version that
      cannot be loaded is answered with its error until it is mended.`,
  },
  config: {
    type: 'path', short: 'c', metavar: 'FILE', default: null, notFrom: ['file'],
    unset: '`pulsar.config.ts`, `.js` or `.mjs` of the working directory, if there is one',
    text: 'The config file: a module that exports settings.',
  },
  chdir: {
    type: 'path', metavar: 'DIRECTORY', default: null, unset: 'stay', notFrom: ['file'],
    text: 'Go to this directory first: every relative path starts there, those of TARGET and of the config file included.',
  },
  umask: {
    type: 'mask', default: null, unset: 'as inherited',
    text: 'The permissions, in octal, that files and unix sockets made by the server do not get.',
  },
  daemon: {
    type: 'flag', short: 'D', default: false,
    text: `Go to the background. The command ends when the server serves, or could not start. The log goes to \`pulsar.log\`
      where \`logFile\` says nothing else.`,
  },
  pid: {
    type: 'path', short: 'p', metavar: 'FILE', default: null, unset: 'none',
    text: 'The file that the process id is written to. One that a killed server has left is replaced.',
  },
  user: {
    type: 'account', short: 'u', metavar: 'USER', default: null, unset: 'as started',
    text: 'The user, by name or number, that workers run as. Sockets are bound before.',
  },
  group: {
    type: 'account', short: 'g', metavar: 'GROUP', default: null, unset: 'that of the user',
    text: 'The group, by name or number, that workers run as.',
  },
  name: {
    type: 'title', short: 'n', default: null, unset: 'what is served',
    text: 'The name of the processes in `ps` and `top`.',
  },
} as const
processRows satisfies Rows
