import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpServerResponse, settingsFrom, type Environ, type StartResponse, type WSGIApplication } from '../../src/index.ts'

const settings = settingsFrom({})

class Wire {
  sent = ''
  closed = false
  write(data: Buffer): void { this.sent += data.toString('latin1') }
  close(): void { this.closed = true }
}

function connected(application: WSGIApplication, software?: string): { response: HttpServerResponse, wire: Wire } {
  const response = software === undefined ? new HttpServerResponse(application, settings) : new HttpServerResponse(application, settings, software)
  const wire = new Wire()
  response.connectionMade(wire)
  return { response, wire }
}

function hello(_environ: Environ, startResponse: StartResponse): [Buffer] {
  const data = Buffer.from('Hello World!')
  startResponse('200 OK', [['Content-type', 'text/plain'], ['Content-Length', String(data.length)]])
  return [data]
}

const headOf = (response: HttpServerResponse): string | undefined => response.headersSent?.toString('latin1')

const request = Buffer.from('GET /a HTTP/1.1\r\nHost: h\r\n\r\n')

test('a request is answered without a socket, and headersSent are the bytes of status line and headers', () => {
  const { response, wire } = connected(hello, 'mine/1')
  assert.equal(headOf(response), undefined)
  assert.equal(response.wsgiCallable, hello)
  response.dataReceived(request)
  assert.match(wire.sent, /^HTTP\/1\.1 200 OK\r\nContent-type: text\/plain\r\nDate: [^\r]+\r\nServer: mine\/1\r\nContent-Length: 12\r\n\r\nHello World!$/)
  assert.equal(headOf(response), wire.sent.slice(0, -12))
  assert.equal(response.status, '200 OK')
  assert.deepEqual(response.headers[0], ['Content-type', 'text/plain'])
  assert.equal(response.version, '1.1')
  assert.ok(!wire.closed)
})

test('the same bytes one by one give the same', () => {
  const { response, wire } = connected(hello)
  for (const byte of request) response.dataReceived(Buffer.of(byte))
  assert.match(wire.sent, /Hello World!$/)
})

test('several requests on one connection are answered in order', () => {
  const { response, wire } = connected(hello)
  response.dataReceived(Buffer.concat([request, request]))
  response.dataReceived(request)
  assert.equal(wire.sent.match(/Hello World!/g)?.length, 3)
})

test('write() sends at once, force sends the headers alone', async () => {
  const steps: string[] = []
  const { response, wire } = connected(async function* (_environ: Environ, startResponse: StartResponse) {
    const write = startResponse('200 OK', [['X-A', 'b']])
    steps.push(wire.sent)
    assert.equal(write(Buffer.alloc(0)), 0)
    steps.push(wire.sent)
    assert.equal(write(Buffer.alloc(0), true), 0)
    steps.push(wire.sent)
    assert.equal(write(Buffer.from('one')), 3)
    yield Buffer.from('two')
  })
  response.dataReceived(request)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(steps[0], '')
  assert.equal(steps[1], '')
  assert.match(steps[2] ?? '', /X-A: b\r\n.*\r\n\r\n$/s)
  assert.match(wire.sent, /\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/)
})

test('startResponse() and write() of the response are those of the request at hand', () => {
  const { response, wire } = connected(() => {
    response.startResponse('200 OK', [])
    response.write(Buffer.from('direct'))
    assert.throws(() => response.startResponse('200 OK', []), /called already/)
    const late = new Error('late')
    assert.throws(() => response.startResponse('500 Oops', [], late), late)
    return []
  })
  assert.throws(() => response.startResponse('200 OK', []), /no request/)
  response.dataReceived(request)
  assert.match(wire.sent, /6\r\ndirect\r\n0\r\n\r\n$/)
})

test('hop-by-hop headers are not considered, and no error is raised', () => {
  const { response, wire } = connected((_environ, startResponse) => {
    startResponse('200 OK', [['Connection', 'upgrade'], ['Keep-Alive', 'timeout=5'], ['Transfer-Encoding', 'gzip'], ['X-Own', 'kept']])
    return [Buffer.from('x')]
  })
  response.dataReceived(request)
  assert.doesNotMatch(wire.sent, /upgrade|keep-alive|gzip/i)
  assert.match(wire.sent, /X-Own: kept/)
})

test('a refused request is answered, reported and closed', () => {
  const { response, wire } = connected(hello)
  const refused: string[] = []
  response.events.subscribe('refused', ({ cause }) => refused.push(cause))
  response.dataReceived(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
  assert.match(wire.sent, /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.ok(wire.closed)
  assert.deepEqual(refused, ['missing-host'])
})

test('an application that throws is answered with 500 and reported', () => {
  const { response, wire } = connected(() => { throw new Error('broken') })
  const errors: unknown[] = []
  response.events.subscribe('applicationError', ({ error }) => errors.push(error))
  response.dataReceived(request)
  assert.match(wire.sent, /^HTTP\/1\.1 500 Internal Server Error\r\n/)
  assert.doesNotMatch(wire.sent, /broken/)
  assert.match(String(errors[0]), /broken/)
})

test('headersSent are those of the final answer where there was a 100 Continue', async () => {
  const { response, wire } = connected(async (environ, startResponse) => {
    const body = await environ['wsgi.input'].read()
    startResponse('200 OK', [])
    return [body]
  })
  response.dataReceived(Buffer.from('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n'))
  assert.equal(wire.sent, 'HTTP/1.1 100 Continue\r\n\r\n')
  assert.equal(headOf(response), undefined)
  response.dataReceived(Buffer.from('ab'))
  await new Promise((resolve) => setImmediate(resolve))
  assert.match(headOf(response) ?? '', /^HTTP\/1\.1 200 OK\r\n/)
})

test('data before there is a transport is a mistake that is told', () => {
  assert.throws(() => new HttpServerResponse(hello, settings).dataReceived(request), /connectionMade/)
})
