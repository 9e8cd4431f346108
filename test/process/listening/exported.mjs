// Exports its application, and listens when it is too late for that to count.
import express from 'express'

const app = express()
app.get('/', (req, res) => res.send(`exported ${process.pid}`))
setTimeout(() => app.listen(3000, () => console.log('believes to listen')), 100)

export default app
