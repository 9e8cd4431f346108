/** One server, an application of each kind. */
import type { SettingsParams } from 'pulsar-wsgi'

export default {
  mount: {
    '/': 'pages:app',
    '/notes-api': '../express/app.ts',
    '/short': '../koa/app.ts',
    '/convert': '../fastify/app.ts',
    '/edge': './edge.ts',
    '/status': './status.ts',
  },
} satisfies SettingsParams
