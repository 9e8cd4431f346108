/** Node handlers over HTTP/2 and TLS, as over HTTP/1.1. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { fromNode, type NodeHandler } from '../../../src/gateway/adapters/index.ts'
import { makeCertificate, writeCertificate } from '../../support/certificates.ts'
import { Http2Client } from '../../support/http2-client.ts'
import { secureClient } from '../../support/secure-client.ts'
import { ServedApplication } from '../../support/served-application.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-node-wires-'))
after(() => rmSync(directory, { recursive: true, force: true }))

const require = createRequire(import.meta.url)
interface Application extends NodeHandler {
  get(path: string, handler: (req: { httpVersion: string, protocol: string, hostname: string, socket: TLSSocket }, res: Answer) => void): void
  post(path: string, ...handlers: unknown[]): void
}
interface Answer {
  json(value: unknown): void
  write(text: string): void
  end(text: string): void
  addTrailers(trailers: object): void
  writeEarlyHints(hints: object): void
  setHeader(name: string, value: string): void
}
const express = require('express') as { (): Application, json(): unknown }

const app = express()
app.get('/seen', (req, res) => {
  const { socket } = req
  const { authorized, servername } = socket as TLSSocket & { servername?: string }
  const subject = socket.getPeerCertificate?.()?.subject?.CN
  res.json({ version: req.httpVersion, protocol: req.protocol, host: req.hostname, authorized, servername, subject, tls: socket.getProtocol() })
})
app.post('/echo', express.json(), (req: { body: unknown }, res: Answer) => { res.json(req.body) })
app.get('/stream', (_req, res) => {
  res.writeEarlyHints({ link: '</a.css>; rel=preload' })
  res.setHeader('Trailer', 'X-Sum')
  res.write('one ')
  setImmediate(() => {
    res.addTrailers({ 'X-Sum': '2' })
    res.end('two')
  })
})

test('Express over HTTP/2: a body without a length is read, interim answers and trailers are sent', async () => {
  await using served = await ServedApplication.start(fromNode(app), { http2: 'on' })
  await using client = await Http2Client.connect(`http://127.0.0.1:${served.port}`)
  const seen = JSON.parse((await client.request({ ':path': '/seen' })).body.toString()) as object
  assert.deepEqual(seen, { version: '2.0', protocol: 'http', host: '127.0.0.1' })
  const echoed = await client.request({ ':path': '/echo', ':method': 'POST', 'content-type': 'application/json' }, '{"a":[1]}')
  assert.equal(echoed.body.toString(), '{"a":[1]}')
  const stream = await client.request({ ':path': '/stream' })
  assert.deepEqual([stream.interim, stream.body.toString(), stream.trailers['x-sum']], [[103], 'one two', '2'])
  assert.equal((await client.request({ ':path': '/nowhere' })).status, 404)
  assert.deepEqual(served.errors, [])
})

test('Express over TLS knows the client by its certificate', async () => {
  const authority = makeCertificate({ name: 'authority', authority: true })
  const files = writeCertificate(directory, 'server', makeCertificate({ name: 'server', hosts: ['a.example'], issuer: authority }))
  const { certFile: caCerts } = writeCertificate(directory, 'authority', authority)
  const { cert, key } = makeCertificate({ name: 'somebody', issuer: authority })
  await using served = await ServedApplication.start(fromNode(app), { ...files, caCerts, certReqs: 'optional' })
  const seen = async (options: object): Promise<object> => {
    await using client = await secureClient(served.port, { servername: 'a.example', ...options })
    return JSON.parse((await client.get('/seen')).body.toString()) as object
  }
  const facts = { version: '1.1', protocol: 'https', host: 'a.example', servername: 'a.example', tls: 'TLSv1.3' }
  assert.deepEqual(await seen({ cert, key }), { ...facts, authorized: true, subject: 'somebody' })
  assert.deepEqual(await seen({}), { ...facts, authorized: false })
})
