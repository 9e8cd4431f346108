import { hello, port } from './payloads.mjs'

Bun.serve({
  port,
  hostname: '127.0.0.1',
  idleTimeout: 75,
  fetch: () => new Response(hello, { headers: { 'Content-Type': 'text/plain' } }),
})
