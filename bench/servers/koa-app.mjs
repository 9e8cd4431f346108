/** Koa with a middleware that measures. */
import Koa from 'koa'

const app = new Koa()
app.use(async (ctx, next) => {
  await next()
  ctx.set('X-Trace', ctx.host)
})
app.use((ctx) => { ctx.body = 'Hello World!' })

export default app
