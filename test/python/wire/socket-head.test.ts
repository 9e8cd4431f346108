import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSocketHead, socketHeadEnd } from '../../../src/python/wire/socket-head.ts'

const parse = (text: string): object => {
  const bytes = Buffer.from(text, 'latin1')
  const end = socketHeadEnd(bytes)
  assert.equal(end, text.indexOf('\r\n\r\n') + 4)
  return parseSocketHead(bytes.subarray(0, end))
}

test('what libraries write for a handshake is a head', () => {
  assert.deepEqual(parse('HTTP/1.1 101 \r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x01a'), {
    status: '101 ',
    fields: [['Upgrade', 'WebSocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=']],
  })
  assert.deepEqual(parse('HTTP/1.1 101 Switching Protocols\r\nX:\t a b \t\r\nY:\r\n\r\n'), { status: '101 Switching Protocols', fields: [['X', 'a b'], ['Y', '']] })
})

test('a status without a reason, and a head without fields, are heads', () => {
  assert.deepEqual(parse('HTTP/1.1 403\r\n\r\n'), { status: '403 ', fields: [] })
  assert.deepEqual(parse('HTTP/1.0 404 Not Found\r\n\r\n'), { status: '404 Not Found', fields: [] })
})

test('what has not come whole has no end', () => {
  for (const text of ['', 'HTTP/1.1 101 \r\n', 'HTTP/1.1 101 \r\nA: b\r\n\r']) assert.equal(socketHeadEnd(Buffer.from(text)), -1)
})

test('what is no head is refused', () => {
  for (const text of [
    '\r\n\r\n', 'hello\r\n\r\n', 'HTTP/2 200 OK\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 600 Nothing\r\n\r\n', 'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno field\r\n\r\n', 'HTTP/1.1 200 OK\r\na b: c\r\n\r\n', 'HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n', 'HTTP/1.1 200 O\0K\r\n\r\n', 'HTTP/1.1 2000 OK\r\n\r\n',
  ]) assert.throws(() => parse(text), TypeError, JSON.stringify(text))
})
