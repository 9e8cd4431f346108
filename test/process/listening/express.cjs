// As an Express tutorial has it.
const express = require('express')

const app = express()
const port = 3000

app.get('/', (req, res) => {
  res.send(`express ${process.pid}`)
})

app.listen(port, () => {
  console.log(`Example app listening on port ${port}`)
})
