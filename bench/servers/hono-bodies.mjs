import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { fetchRoutes } from './fetch-bodies.mjs'
import { hello, mebibyte, port } from './payloads.mjs'

const app = new Hono()
const octets = { 'Content-Type': 'application/octet-stream' }
app.get('/', (context) => context.text(hello))
app.post('/echo', async (context) => context.body(await context.req.arrayBuffer(), 200, octets))
app.post('/up', (context) => fetchRoutes['/up'](context.req.raw))
app.get('/down', (context) => context.body(mebibyte, 200, octets))
app.get('/stream', (context) => fetchRoutes['/stream'](context.req.raw))
serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
