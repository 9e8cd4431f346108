import { Readable } from 'node:stream'
import fastify from 'fastify'
import { blocks, hello, mebibyte, port } from './payloads.mjs'

const octets = 'application/octet-stream'
const app = fastify({ logger: false, bodyLimit: 2 << 20 })

app.register(async (whole) => {
  whole.addContentTypeParser(octets, { parseAs: 'buffer' }, (request, body, done) => done(null, body))
  whole.post('/echo', (request, reply) => { reply.type(octets).send(request.body) })
})

app.register(async (streamed) => {
  streamed.addContentTypeParser(octets, (request, payload, done) => done(null, payload))
  streamed.post('/up', async (request, reply) => {
    let count = 0
    for await (const piece of request.body) count += piece.length
    return reply.type('text/plain').send(String(count))
  })
})

app.get('/', (request, reply) => { reply.type('text/plain').send(hello) })
app.get('/down', (request, reply) => { reply.type(octets).send(mebibyte) })
app.get('/stream', (request, reply) => { reply.type(octets).send(Readable.from(blocks)) })
await app.listen({ port, host: '127.0.0.1' })
