import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { BadResponse, RawClient, request } from './raw-client.ts'
import { readResponse } from './response-reader.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

test('a response is read by its Content-Length and what follows is left', () => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: \r\n\r\nabc'
  const response = readResponse(bytes(`${text}HTTP/1.1 2`))
  assert.equal(response?.body.toString(), 'abc')
  assert.equal(response?.size, text.length)
  assert.deepEqual(response?.fields, [['Content-Length', '3'], ['X', '']])
})

test('a chunked response is read with its chunks and trailers', () => {
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  const response = readResponse(bytes(`${head}3\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n`))
  assert.equal(response?.body.toString(), 'abc0123456789')
  assert.deepEqual(response?.chunks, [3, 10])
  assert.deepEqual(response?.trailers, [['T', 'v']])
})

test('a response is not complete at any earlier byte', () => {
  for (const text of [
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: v\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
  ]) {
    for (let cut = 0; cut < text.length; cut++) {
      assert.equal(readResponse(bytes(text.slice(0, cut))), null, `${cut} of ${text}`)
      assert.throws(() => readResponse(bytes(text.slice(0, cut)), { ended: true }), BadResponse)
    }
    assert.equal(readResponse(bytes(text))?.size, text.length)
  }
})

test('a body without framing ends with the connection', () => {
  const text = bytes('HTTP/1.0 200 OK\r\n\r\nabc')
  assert.equal(readResponse(text), null)
  assert.equal(readResponse(text, { ended: true })?.body.toString(), 'abc')
})

test('answers to HEAD, 204 and 304 have no body', () => {
  assert.equal(readResponse(bytes('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'), { method: 'HEAD' })?.framing, 'none')
  assert.equal(readResponse(bytes('HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'))?.framing, 'none')
})

for (const text of [
  'HTTP/1.1 200\r\n\r\n', 'HTTP/2 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\nX: y\r\n\r\n', 'HTTP/1.1 200 OK\r\nX : y\r\n\r\n',
  'HTTP/1.1 200 OK\r\n X: y\r\n\r\n', 'HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n', 'HTTP/1.1 200 OK\r\nX: y\n\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na', 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n',
]) {
  test(`a malformed response is an error: ${JSON.stringify(text)}`, () => {
    assert.throws(() => readResponse(bytes(text)), BadResponse)
  })
}

/** A server that does one thing with each connection. */
async function serverThat(does: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, does).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  after(() => { server.close() })
  return (server.address() as AddressInfo).port
}

test('the client sends pieces and reads pipelined answers one by one', async () => {
  const port = await serverThat((socket) => {
    let seen = ''
    socket.on('data', (piece) => {
      seen += piece.toString('latin1')
      if (seen !== 'abc\xff') return
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le')
      socket.end('ngth: 2\r\n\r\nokHTTP/1.1 204 No Content\r\n\r\nrest')
    })
  })
  const client = await RawClient.connect(port)
  await client.send('a', 'bc', Buffer.from([0xff]))
  assert.equal((await client.response()).status, 103)
  assert.equal((await client.response()).body.toString(), 'ok')
  assert.equal((await client.response()).status, 204)
  assert.equal((await client.untilClosed()).toString(), 'rest')
  assert.equal(client.error, null)
  client.destroy()
})

test('the client reports a reset, an end in the middle, and silence', async () => {
  const reset = await RawClient.connect(await serverThat((socket) => { socket.once('data', () => socket.resetAndDestroy()) }))
  await reset.send('x')
  await reset.untilClosed()
  assert.equal((reset.error as NodeJS.ErrnoException | null)?.code, 'ECONNRESET')
  const cut = await serverThat((socket) => { socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc') })
  await assert.rejects(request(cut, 'x'), BadResponse)
  const silent = await RawClient.connect(await serverThat(() => {}), { patience: 50 })
  await assert.rejects(silent.response(), /waited 50 ms/)
  silent.destroy()
})
