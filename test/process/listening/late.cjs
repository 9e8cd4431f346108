// Something else must be ready first, as with many a database.
const { createServer } = require('node:http')
const { readFile } = require('node:fs')

async function main() {
  await new Promise((resolve) => { setTimeout(resolve, 300) })
  await new Promise((resolve) => { readFile(__filename, resolve) })
  createServer((req, res) => res.end(`late ${process.pid}`)).listen(process.env.PORT_OF_SCRIPT ?? 3000)
}

main()
