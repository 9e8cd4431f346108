import type { Rows } from '../row.ts'

export const application = {
  kind: {
    type: 'choice', choices: ['wsgi'], default: 'wsgi',
    text: 'The kind of application that TARGET is.',
  },
  scriptName: {
    type: 'prefix', default: '',
    text: `The path that the application is mounted at, such as \`/app\`: \`SCRIPT_NAME\` for applications, and taken off
      \`PATH_INFO\`.`,
  },
  debug: {
    type: 'flag', default: false,
    text: `Answer an error of the application with a page that shows its stack. Not for production: it tells clients about
      the code.`,
  },
} as const
application satisfies Rows
