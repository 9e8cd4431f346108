import type { Rows } from '../row.ts'

export const processRows = {
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
} as const
processRows satisfies Rows
