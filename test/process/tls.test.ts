import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectPlain } from 'node:net'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { secureClient } from '../support/secure-client.ts'
import { startWorkers, workplace } from '../support/workers.ts'

async function pidOn(port: number, session?: Buffer): Promise<{ pid: string, reused: boolean, session: Buffer }> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...(session === undefined ? {} : { session }) })
  // Who came with a ticket need not get another.
  const ticket = session === undefined ? once(socket, 'session') as Promise<[Buffer]> : Promise.resolve([session] as const)
  await once(socket, 'secureConnect')
  const reused = socket.isSessionReused()
  socket.write('GET /pid HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let text = ''
  socket.setEncoding('latin1').on('data', (piece: string) => { text += piece })
  await once(socket, 'close')
  return { pid: /\r\n\r\n(?:\w+\r\n)?(\d+)/.exec(text)?.[1] ?? text, reused, session: (await ticket)[0] }
}

test('a session that one worker began is resumed by every other', async () => {
  const cwd = workplace()
  const { certFile, keyFile } = writeCertificate(cwd, 'server', makeCertificate({ name: 'localhost' }))
  const server = await startWorkers(['-w', '3', '--cert-file', certFile, '--key-file', keyFile, 'app.mjs'], { cwd })
  assert.match(server.address, /^https:/)
  const first = await pidOn(server.port)
  assert.equal(first.reused, false)
  const pids = new Set<string>()
  for (let i = 0; i < 200 && pids.size < 3; i++) {
    // Others are busy with their connections meanwhile: not always the same worker accepts.
    const busy = await Promise.all(Array.from({ length: 3 }, () => secureClient(server.port)))
    const next = await pidOn(server.port, first.session)
    assert.equal(next.reused, true, `by process ${next.pid}, begun by ${first.pid}`)
    pids.add(next.pid)
    for (const { socket } of busy) socket.destroy()
  }
  assert.equal(pids.size, 3)
  await server.stop()
})

test('a renewed certificate is in use after HUP, and connections of before go on', async () => {
  const cwd = workplace()
  writeCertificate(cwd, 'server', makeCertificate({ name: 'before' }))
  const server = await startWorkers(['-w', '2', '--cert-file', 'server.pem', '--key-file', 'server.key', 'app.mjs'], { cwd })
  await using kept = await secureClient(server.port)
  assert.equal(kept.socket.getPeerCertificate().subject.CN, 'before')
  assert.equal((await kept.get()).status, 200)
  writeCertificate(cwd, 'server', makeCertificate({ name: 'after' }))
  process.kill(server.pid, 'SIGHUP')
  await server.until(/reloaded: 2 new workers serve/)
  await using fresh = await secureClient(server.port)
  assert.equal(fresh.socket.getPeerCertificate().subject.CN, 'after')
  assert.equal((await kept.get()).status, 200)
  await server.stop()
})

test('a certificate that was broken meanwhile fails the reload, and the old one stays', async () => {
  const cwd = workplace()
  writeCertificate(cwd, 'server', makeCertificate({ name: 'before' }))
  const server = await startWorkers(['--cert-file', 'server.pem', '--key-file', 'server.key', 'app.mjs'], { cwd })
  writeFileSync(join(cwd, 'server.pem'), 'nothing')
  process.kill(server.pid, 'SIGHUP')
  await server.until(/the reload is given up, the old version goes on: certFile: server\.pem has no certificate in PEM/)
  await using fresh = await secureClient(server.port)
  assert.equal((await fresh.get()).status, 200)
  await server.stop()
})

test('several certificates come from the config file, by the host that a client names', async () => {
  const cwd = workplace()
  writeCertificate(cwd, 'a', makeCertificate({ name: 'a', hosts: ['a.example'] }))
  writeCertificate(cwd, 'b', makeCertificate({ name: 'b', hosts: ['b.example', '*.b.example'] }))
  writeFileSync(join(cwd, 'pulsar.config.mjs'), `export default {
    certFile: 'a.pem', keyFile: 'a.key', certificates: [{ certFile: 'b.pem', keyFile: 'b.key' }],
  }`)
  const server = await startWorkers(['app.mjs'], { cwd })
  const nameFor = async (servername?: string): Promise<string> => {
    await using client = await secureClient(server.port, servername === undefined ? {} : { servername })
    assert.equal((await client.get()).status, 200)
    return String(client.socket.getPeerCertificate().subject.CN)
  }
  assert.deepEqual(await Promise.all([nameFor('a.example'), nameFor('b.example'), nameFor('x.b.example'), nameFor('c.example'), nameFor()]), ['a', 'b', 'b', 'a', 'a'])
  await server.stop()
})

test('an expired certificate is a warning, and a bad handshake one line of the log', async () => {
  const cwd = workplace()
  writeCertificate(cwd, 'server', makeCertificate({ name: 'old', from: -9, to: -3 }))
  const server = await startWorkers(['--cert-file', 'server.pem', '--key-file', 'server.key', 'app.mjs'], { cwd })
  await server.until(/the certificate in server\.pem has expired on/)
  const client = connectPlain(server.port, '127.0.0.1').resume()
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(client, 'close')
  await server.until(/"cause":"bad-handshake"/)
  await using well = await secureClient(server.port)
  assert.equal((await well.get()).status, 200)
  await server.stop()
  const lines = server.stderr().split('\n').filter((line) => line.includes('bad-handshake'))
  assert.equal(lines.length, 1)
  assert.match(lines[0] as string, /"level":"warning".*"peer":"127\.0\.0\.1:\d+".*"msg":"plain HTTP where TLS is spoken"/)
})
