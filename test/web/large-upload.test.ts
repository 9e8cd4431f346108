/** A file of hundreds of megabytes goes through a form to the disk, and never stands in memory. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { WsgiRequest } from '../../src/web/request.ts'
import { ServedApplication } from '../support/served-application.ts'

const MIB = 1_048_576
const size = 256 * MIB
/** Half of the file: buffers of the stream and the socket, and what the collector has not come to yet, are about 40 MiB. */
const ROOM = 128 * MIB

const inUse = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('an upload of 256 MiB takes no more memory than a small one', async () => {
  let most = 0
  const application: WSGIApplication = async (environ, startResponse) => {
    const form = await WsgiRequest.from(environ).form()
    const file = form.file('file')
    const onDisk = await stat(file?.path as string)
    startResponse('200 OK', [['Content-Type', 'application/json']])
    return [Buffer.from(JSON.stringify({ size: file?.size, onDisk: onDisk.size, note: form.get('note') }))]
  }
  await using served = await ServedApplication.start(application)
  const before = inUse()
  const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n'
  const tail = '\r\n--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nbehind it\r\n--x--\r\n'
  const socket = connect(served.port, '127.0.0.1')
  const answer: Buffer[] = []
  socket.on('data', (bytes) => { answer.push(bytes) })
  socket.write(`POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${head.length + size + tail.length}\r\n\r\n${head}`)
  const piece = Buffer.alloc(MIB, 'y')
  for (let sent = 0; sent < size; sent += piece.length) {
    if (!socket.write(piece)) await once(socket, 'drain')
    most = Math.max(most, inUse() - before)
  }
  socket.write(tail)
  await once(socket, 'end')
  socket.end()
  const [, body = ''] = Buffer.concat(answer).toString().split('\r\n\r\n')
  assert.deepEqual(JSON.parse(body), { size, onDisk: size, note: 'behind it' })
  assert.ok(most < ROOM, `${Math.round(most / MIB)} MiB were in use`)
  assert.deepEqual(served.errors, [])
})
