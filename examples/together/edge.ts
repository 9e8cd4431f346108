/** A fetch handler, by Hono. */
import { Hono } from 'hono'

const app = new Hono()
app.get('/', (c) => c.json({ agent: c.req.header('user-agent') ?? null, path: new URL(c.req.url).pathname }))

export default app
