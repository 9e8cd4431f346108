import Fastify from 'fastify'

const fastify = Fastify({ logger: false })

fastify.get('/', async () => `fastify ${process.pid}`)
fastify.addHook('onClose', async () => { console.log('fastify closed') })

// For localhost Fastify listens with a server for each of its addresses.
await fastify.listen({ port: 3000 })
console.log(`fastify listens on ${fastify.server.address().port}`)
