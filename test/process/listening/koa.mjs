import Koa from 'koa'

const app = new Koa()
app.use(async (ctx) => { ctx.body = `koa ${process.pid}` })
app.listen(3000)
