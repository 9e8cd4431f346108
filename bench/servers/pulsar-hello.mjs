/** A plain WSGI callable; served by `pulsar bench/servers/pulsar-hello.mjs`. */
const headers = [['Content-Type', 'text/plain']]
const body = [Buffer.from('Hello World!')]

export default function hello(environ, startResponse) {
  startResponse('200 OK', headers)
  return body
}
