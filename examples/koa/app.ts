/** Short addresses by Koa: exports its application, and says nothing of ports. */
import Koa from 'koa'

const app = new Koa()
const addresses = new Map<string, string>()

app.use(async (ctx, next) => {
  const started = performance.now()
  await next()
  ctx.set('Server-Timing', `app;dur=${(performance.now() - started).toFixed(1)}`)
})

app.use(async (ctx) => {
  const name = decodeURIComponent(ctx.path.slice(1))
  if (ctx.method === 'PUT' && name !== '') {
    let text = ''
    for await (const piece of ctx.req) text += String(piece)
    if (!URL.canParse(text)) ctx.throw(422, 'the body is the URL that is meant')
    addresses.set(name, text)
    ctx.status = 201
    ctx.body = `${name} is ${text}\n`
    return
  }
  const target = addresses.get(name)
  if (target === undefined) ctx.throw(404, `nobody has said what ${name} is`)
  else ctx.redirect(target)
})

export default app
