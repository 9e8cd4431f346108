import { createServer } from 'node:http'
import { blocks, hello, mebibyte, port } from './payloads.mjs'

const octets = 'application/octet-stream'

function greet(request, response) {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': hello.length })
  response.end(hello)
}

function echo(request, response) {
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => {
    const body = Buffer.concat(pieces)
    response.writeHead(200, { 'Content-Type': octets, 'Content-Length': body.length })
    response.end(body)
  })
}

function up(request, response) {
  let count = 0
  request.on('data', (piece) => { count += piece.length })
  request.on('end', () => {
    const body = String(count)
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length })
    response.end(body)
  })
}

function down(request, response) {
  response.writeHead(200, { 'Content-Type': octets, 'Content-Length': mebibyte.length })
  response.end(mebibyte)
}

async function stream(request, response) {
  response.writeHead(200, { 'Content-Type': octets })
  for (const block of blocks) {
    if (!response.write(block)) await new Promise((resolve) => response.once('drain', resolve))
  }
  response.end()
}

const routes = { '/': greet, '/echo': echo, '/up': up, '/down': down, '/stream': stream }
createServer((request, response) => routes[request.url](request, response)).listen(port, '127.0.0.1')
