import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { hello, port } from './payloads.mjs'

const app = new Hono()
app.get('/', (context) => context.text(hello))
// keepAliveTimeout: as in node-http-hello.mjs.
serve({ fetch: app.fetch, port, hostname: '127.0.0.1', serverOptions: { keepAliveTimeout: 75_000 } })
