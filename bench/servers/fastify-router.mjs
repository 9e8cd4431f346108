import fastify from 'fastify'
import { port } from './payloads.mjs'
import { routes, thing } from './routes.mjs'

const app = fastify({ logger: false })
for (const segments of routes(10)) {
  app.get(`/${segments.join('/')}`, (request, reply) => { reply.send(thing(Number(request.params.id))) })
}
await app.listen({ port, host: '127.0.0.1' })
