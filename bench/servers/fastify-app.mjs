/** Fastify with a schema, as its guide advises. */
import fastify from 'fastify'

const user = { type: 'object', properties: { id: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } } }
const app = fastify({ logger: false })
app.get('/', (request, reply) => { reply.type('text/plain').send('Hello World!') })
app.get('/users/:id', { schema: { response: { 200: user } } }, async (request, reply) => {
  reply.header('X-Trace', request.headers.host)
  return { id: request.params.id, tags: ['a', 'b'] }
})
app.post('/echo', async (request) => request.body)

export default app
