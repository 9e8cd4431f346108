/** A route in TypeScript beside a Python application: hello, as Python's. */
const body = [Buffer.from('Hello World!')]

export default (environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', '12']])
  return body
}
