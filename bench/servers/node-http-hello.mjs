import { createServer } from 'node:http'
import { hello, port } from './payloads.mjs'

// keepAliveTimeout: Node's 5 s would close the idle connections that bench/idle.mjs holds; 75 s is Pulsar's default.
createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': hello.length })
  response.end(hello)
}).listen(port, '127.0.0.1')
