import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { port } from './payloads.mjs'
import { routes, thing } from './routes.mjs'

const app = new Hono()
for (const segments of routes(10)) {
  app.get(`/${segments.join('/')}`, (context) => context.json(thing(Number(context.req.param('id')))))
}
// keepAliveTimeout: as in node-http-hello.mjs.
serve({ fetch: app.fetch, port, hostname: '127.0.0.1', serverOptions: { keepAliveTimeout: 75_000 } })
