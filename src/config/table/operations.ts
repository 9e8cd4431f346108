import type { Rows } from '../row.ts'

export const operations = {
  pubsub: {
    type: 'redisUrl', default: null, unset: 'the workers of this server reach one another, through their arbiter',
    text: `The Redis or Valkey server that carries published messages between servers: \`redis://HOST:PORT/NUMBER\`, with
      \`USER:PASSWORD@\` where it asks for them, and \`rediss:\` for TLS. The server starts without it too, and goes on trying.`,
  },
} as const
operations satisfies Rows
