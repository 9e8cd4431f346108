import assert from 'node:assert/strict'
import { test } from 'node:test'
import { H1Connection } from '../../../src/http/h1/connection.ts'
import { OUTPUT_SIZE, OutputBuffer } from '../../../src/http/h1/output-buffer.ts'
import { ResponseWriter } from '../../../src/http/h1/response-writer.ts'
import { FakeHost } from '../../support/fake-host.ts'

test('text and bytes come out as they went in, one character a byte', () => {
  const output = new OutputBuffer()
  output.addText('h\xe9ad\r\n')
  output.addBytes(Uint8Array.of(0, 255, 10))
  assert.equal(output.room, OUTPUT_SIZE - 9)
  assert.equal(output.take().toString('latin1'), 'h\xe9ad\r\n\0\xff\n')
  assert.ok(output.empty)
})

test('what was given away is not written to any more', () => {
  const output = new OutputBuffer()
  output.addText('first')
  const first = output.take()
  output.giveAway()
  output.addText('other')
  assert.equal(first.toString(), 'first')
  assert.equal(output.take().toString(), 'other')
})

/** Answers with the method's name; gives the host its bytes as they are, as a socket that is slow to take them would keep them. */
class KeepingHost extends FakeHost {
  readonly kept: Uint8Array[] = []
  override write(data: string | Uint8Array): boolean {
    this.kept.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
    return true
  }
}

const limits = { requestLine: 8190, fields: 100, fieldSize: 8190, head: 65536, body: 0 }
const writer = new ResponseWriter('', () => 0)

function connectionOf(host: FakeHost): H1Connection {
  return new H1Connection(host, limits, 'http', writer)
}

const get = (path: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)

test('a slow connection keeps the bytes that it was given while others write theirs', () => {
  const hosts = [1, 2, 3].map(() => new KeepingHost((exchange) => exchange.answer('200 OK', [], Buffer.from(exchange.head.path))))
  const connections = hosts.map(connectionOf)
  for (const path of ['/a', '/b']) for (const [i, connection] of connections.entries()) connection.receive(get(`${path}${i}`), get(`${path}${i}`).length)
  for (const [i, host] of hosts.entries()) {
    const text = Buffer.concat(host.kept).toString()
    assert.deepEqual(text.match(/\/[ab]\d/g), [`/a${i}`, `/b${i}`])
    assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2)
  }
})

test('an application that drives another connection in the middle of an answer mixes nothing', () => {
  const inner = new KeepingHost((exchange) => exchange.answer('200 OK', [], Buffer.from('inner')))
  const other = connectionOf(inner)
  const outer = new KeepingHost((exchange) => {
    exchange.answer('200 OK', [], Buffer.from(`outer ${exchange.head.path}`))
    other.receive(get('/'), get('/').length)
  })
  const connection = connectionOf(outer)
  const three = Buffer.concat([get('/1'), get('/2'), get('/3')])
  connection.receive(three, three.length)
  assert.deepEqual(Buffer.concat(outer.kept).toString().match(/outer \/\d|inner/g), ['outer /1', 'outer /2', 'outer /3'])
  assert.equal(Buffer.concat(inner.kept).toString().match(/inner/g)?.length, 3)
})

test('pipelined answers of every size leave whole and in order', () => {
  const sizes = [0, 1, 100, 16383, 16384, 16385, OUTPUT_SIZE - 200, OUTPUT_SIZE, OUTPUT_SIZE + 1, 5, 16000, 16000, 16000, 3]
  const host = new KeepingHost((exchange) => {
    const size = Number(exchange.head.path.slice(1))
    exchange.answer('200 OK', [], Buffer.alloc(size, 97 + size % 26))
  })
  const connection = connectionOf(host)
  const all = Buffer.concat(sizes.map((size) => get(`/${size}`)))
  connection.receive(all, all.length)
  let rest = Buffer.concat(host.kept)
  for (const size of sizes) {
    const end = rest.indexOf('\r\n\r\n') + 4
    assert.match(rest.toString('latin1', 0, end), new RegExp(`Content-Length: ${size}\r\n`))
    assert.deepEqual(rest.subarray(end, end + size), Buffer.alloc(size, 97 + size % 26))
    rest = rest.subarray(end + size)
  }
  assert.equal(rest.length, 0)
})
