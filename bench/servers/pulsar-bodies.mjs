/** The body routes as a WSGI callable; served by `pulsar bench/servers/pulsar-bodies.mjs`. */
import { blocks, hello, mebibyte } from './payloads.mjs'

const octets = [['Content-Type', 'application/octet-stream']]

function greet(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(hello)]
}

async function echo(environ, startResponse) {
  const body = await environ['wsgi.input'].read()
  startResponse('200 OK', octets)
  return [body]
}

async function up(environ, startResponse) {
  const input = environ['wsgi.input']
  let count = 0
  for (let piece = await input.read(65536); piece.length > 0; piece = await input.read(65536)) count += piece.length
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from(String(count))]
}

function down(environ, startResponse) {
  startResponse('200 OK', octets)
  return [mebibyte]
}

function stream(environ, startResponse) {
  startResponse('200 OK', octets)
  return blocks
}

const routes = { '/': greet, '/echo': echo, '/up': up, '/down': down, '/stream': stream }

export default (environ, startResponse) => routes[environ.PATH_INFO](environ, startResponse)
