/** Applications of the frameworks and middleware that people use, as their guides write them. */
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const [express, compression, helmet, morgan, session, multer, { Passport }, Koa, fastify] =
  ['express', 'compression', 'helmet', 'morgan', 'express-session', 'multer', 'passport', 'koa', 'fastify'].map(require)

const root = fileURLToPath(new URL('../..', import.meta.url))
const license = `${root}LICENSE`

/** Express 5 with the middleware that most applications have. */
export function expressApplication(log) {
  const app = express()
  app.use(morgan(':method :url :status :res[content-length]', { stream: { write: log } }))
  app.use(helmet())
  app.use(compression({ threshold: 512 }))
  app.use(express.json(), express.urlencoded({ extended: true }), express.text(), express.raw({ type: 'application/octet-stream' }))
  app.get('/', (_req, res) => { res.send('<p>hello</p>') })
  app.get('/json', (req, res) => { res.json({ ip: req.ip, protocol: req.protocol, hostname: req.hostname, query: req.query }) })
  app.get('/users/:id', (req, res) => { res.status(201).set('X-List', ['a', 'b']).cookie('seen', 'yes', { httpOnly: true }).json(req.params) })
  app.post('/echo', (req, res) => { res.json({ body: Buffer.isBuffer(req.body) ? req.body.toString('hex') : req.body ?? null }) })
  app.get('/large', (_req, res) => { res.type('text').send('many words '.repeat(10_000)) })
  app.get('/stream', async (_req, res) => {
    res.type('text')
    for (let i = 0; i < 5; i++) {
      res.write(`line ${i}\n`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    res.end()
  })
  app.get('/file', (_req, res) => { res.sendFile(license, { lastModified: false }) })
  app.use('/static', express.static(root, { index: false }))
  app.get('/redirect', (_req, res) => { res.redirect('/elsewhere') })
  app.get('/format', (_req, res) => { res.format({ text: () => { res.send('text') }, html: () => { res.send('<p>html</p>') } }) })
  app.get('/hints', (_req, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' })
    res.send('with hints')
  })
  app.get('/no-content', (_req, res) => { res.sendStatus(204) })
  app.get('/not-modified', (_req, res) => { res.set('ETag', '"fixed"').send('fixed') })
  app.get('/throws', () => { throw new Error('on purpose') })
  app.get('/rejects', async () => { throw new Error('on purpose') })
  app.post('/upload', multer({ limits: { fileSize: 1_000_000 } }).single('file'), (req, res) => {
    res.json({ name: req.file?.originalname, size: req.file?.size, start: req.file?.buffer.toString('latin1', 0, 5), body: req.body })
  })
  const counted = express.Router()
  counted.use(session({ secret: 'of tests', resave: false, saveUninitialized: true, genid: () => 'fixed', name: 'sid' }))
  counted.get('/views', (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1
    res.json({ views: req.session.views, base: req.baseUrl, url: req.url, original: req.originalUrl })
  })
  app.use('/session', counted)
  const passport = new Passport()
  passport.use('token', {
    name: 'token',
    authenticate(req) {
      if (req.headers.authorization === 'Bearer right') this.success({ name: 'somebody' })
      else this.fail('Bearer', 401)
    },
  })
  app.use(passport.initialize())
  app.get('/private', passport.authenticate('token', { session: false }), (req, res) => { res.json({ user: req.user, in: req.isAuthenticated?.() }) })
  app.use((error, _req, res, next) => {
    if (res.headersSent) next(error)
    else res.status(error.status ?? 500).json({ error: error.message })
  })
  return app
}

export function koaApplication() {
  const app = new Koa()
  app.on('error', () => undefined)
  app.use(async (context, next) => {
    await next()
    context.set('X-Middleware', 'behind')
  })
  app.use(async (context) => {
    switch (context.path) {
      case '/': context.body = 'hello'; break
      case '/json': context.body = { ip: context.ip, query: context.request.query }; break
      case '/stream': context.type = 'text'; context.body = Readable.from(['one ', 'two ', 'three']); break
      case '/buffer': context.body = Buffer.from('bytes'); break
      case '/none': context.status = 204; break
      case '/null': context.body = null; break
      case '/cookies': context.cookies.set('a', 'b'); context.body = context.cookies.get('given') ?? 'none'; break
      case '/echo': {
        const pieces = []
        for await (const piece of context.req) pieces.push(piece)
        context.body = Buffer.concat(pieces).toString()
        break
      }
      case '/throws': throw new Error('on purpose')
      case '/refuses': context.throw(403, 'not for you')
    }
  })
  return app
}

export function fastifyApplication() {
  const app = fastify({ logger: false, bodyLimit: 10_000 })
  app.addHook('onSend', async (_request, reply) => { reply.header('x-hook', 'on send') })
  app.get('/', (_request, reply) => { reply.type('text/plain').send('hello') })
  app.get('/json', async ({ ip, protocol, host, query }) => ({ ip, protocol, host: host.replace(/:\d+$/, ''), query }))
  app.get('/users/:id', { schema: { response: { 200: { type: 'object', properties: { id: { type: 'string' } } } } } }, async ({ params }) => params)
  app.post('/echo', async ({ body }) => body)
  app.get('/stream', (_request, reply) => reply.type('text/plain').send(Readable.from(['one ', 'two ', 'three'])))
  app.get('/redirect', (_request, reply) => reply.redirect('/'))
  app.get('/throws', async () => { throw new Error('on purpose') })
  app.get('/none', (_request, reply) => { reply.code(204).send(undefined) })
  app.get('/raw', (_request, reply) => {
    reply.hijack()
    reply.raw.end('raw')
  })
  app.get('/async-iterator', (_request, reply) => reply.send(Readable.from((async function* () { yield 'a'; yield 'b' })())))
  return app
}
