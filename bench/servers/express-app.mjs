/** Express as its guide has it: text, JSON behind middleware, JSON parsed and answered. */
import express from 'express'

const app = express()
app.disable('x-powered-by')
app.get('/', (req, res) => { res.type('text/plain').send('Hello World!') })
app.get('/users/:id', (req, res) => { res.set('X-Trace', req.get('host')).json({ id: req.params.id, tags: ['a', 'b'] }) })
app.post('/echo', express.json(), (req, res) => { res.json(req.body) })

export default app
