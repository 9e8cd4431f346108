import { fetchRoutes } from './fetch-bodies.mjs'
import { port } from './payloads.mjs'

Bun.serve({
  port,
  hostname: '127.0.0.1',
  fetch: (request) => fetchRoutes[new URL(request.url).pathname](request),
})
