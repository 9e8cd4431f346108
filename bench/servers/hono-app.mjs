/** The same application for both servers. */
import { Hono } from 'hono'
import { hello } from './payloads.mjs'

export const app = new Hono()
app.get('/', (context) => context.text(hello))
app.use('/users/*', async (context, next) => {
  await next()
  context.header('X-Request-Of', context.req.header('user-agent') ?? 'nobody')
})
app.get('/users/:id', (context) => context.json({ id: context.req.param('id'), tags: ['a', 'b'] }))
app.post('/echo', async (context) => context.json(await context.req.json()))
