import type { Rows } from '../row.ts'

export const operations = {
  admin: {
    type: 'address', default: null, unset: 'none',
    text: `The address of the admin server: health, metrics, status, the dashboard, and what \`pulsar ctl\` talks to. It runs
      in the arbiter, beside the workers. Loopback or a unix socket, unless there is an \`adminToken\`.`,
  },
  adminToken: {
    type: 'secret', default: null, unset: 'none is asked for',
    text: `What who asks the admin server has to show: \`Authorization: Bearer TOKEN\`; the dashboard asks for it. Health
      checks need none. Better in the environment than on the command line, where others see it.`,
  },
  slowLog: {
    type: 'seconds', default: 0,
    text: `Log requests that took longer, with how long each of their phases took: the body, the wait for a Python worker, the
      application, the writing. 0 is none.`,
  },
  serverTiming: {
    type: 'flag', default: false,
    text: 'Tell clients how long the phases of their requests took, in the field `Server-Timing`, which browsers show.',
  },
  pubsub: {
    type: 'redisUrl', default: null, unset: 'the workers of this server reach one another, through their arbiter',
    text: `The Redis or Valkey server that carries published messages between servers: \`redis://HOST:PORT/NUMBER\`, with
      \`USER:PASSWORD@\` where it asks for them, and \`rediss:\` for TLS. The server starts without it too, and goes on trying.`,
  },
} as const
operations satisfies Rows
