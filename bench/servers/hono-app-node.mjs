import { serve } from '@hono/node-server'
import { app } from './hono-app.mjs'
import { port } from './payloads.mjs'

// keepAliveTimeout: as in node-http-hello.mjs.
serve({ fetch: app.fetch, port, hostname: '127.0.0.1', serverOptions: { keepAliveTimeout: 75_000 } })
