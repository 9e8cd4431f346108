import fastify from 'fastify'
import { hello, port } from './payloads.mjs'

const app = fastify({ logger: false })
app.get('/', (request, reply) => { reply.type('text/plain').send(hello) })
await app.listen({ port, host: '127.0.0.1' })
