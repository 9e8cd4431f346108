import type { Rows } from '../row.ts'

export const application = {
  kind: {
    type: 'choice', choices: ['wsgi', 'fetch', 'node'], default: null, unset: 'found out',
    text: `The kind of application that TARGET is, where it cannot be told from what it exports: a WSGI callable, a fetch
      handler, or a Node handler (\`docs/frameworks.md\`).`,
  },
  mount: {
    type: 'mounts', many: true, default: null, unset: 'TARGET alone', notFrom: ['constructor'],
    text: `Several applications in place of TARGET, each below a path: \`/=shop:app\` and \`/api=api.ts\`; in the config file
      \`mount: { '/': 'shop:app', '/api': 'api.ts' }\`. The longest prefix that ends where a segment of the path does takes the
      request, and is its \`SCRIPT_NAME\`.`,
  },
  static: {
    type: 'mounts', many: true, metavar: 'PREFIX=DIRECTORY', default: null, unset: 'none',
    text: `Directories whose files are served below a path, in front of every application: \`/static=public\`; in the config file
      \`static: { '/static': 'public' }\`. Ranges and conditions are answered; links that lead out of the directory are not followed.
      A directory that is not there ends the start.`,
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
