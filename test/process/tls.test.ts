import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectPlain } from 'node:net'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { failedHandshake, secureClient } from '../support/secure-client.ts'
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

const withoutOpenssl = spawnSync('openssl', ['version']).status !== 0 && 'there is no openssl'

test('openssl s_client resumes its session each time, whichever worker takes the connection', { skip: withoutOpenssl }, async () => {
  const cwd = workplace()
  writeCertificate(cwd, 'server', makeCertificate({ name: 'localhost' }))
  const server = await startWorkers(['-w', '3', '--cert-file', 'server.pem', '--key-file', 'server.key', 'app.mjs'], { cwd })
  const at = ['s_client', '-connect', `127.0.0.1:${server.port}`]
  // By a session id's ticket: TLS 1.2 comes back five times; TLS 1.3 with what a file has kept.
  const often = spawnSync('openssl', [...at, '-tls1_2', '-reconnect'], { encoding: 'utf8', input: 'Q\n' })
  assert.deepEqual([...often.stdout.matchAll(/^(New|Reused), TLSv1\.2/gm)].map(([, how]) => how), ['New', 'Reused', 'Reused', 'Reused', 'Reused', 'Reused'])
  const kept = join(cwd, 'session.pem')
  const request = 'GET /pid HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  const ask = (...args: string[]): string => spawnSync('openssl', [...at, '-tls1_3', '-ign_eof', ...args], { encoding: 'utf8', input: request }).stdout
  assert.match(ask('-sess_out', kept), /^New, TLSv1\.3[^]*HTTP\/1\.1 200 OK/m)
  for (let i = 0; i < 10; i++) assert.match(ask('-sess_in', kept), /^Reused, TLSv1\.3[^]*HTTP\/1\.1 200 OK/m)
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

test('without an arbiter HUP renews certificates as well: connections and sessions of before go on', async () => {
  const cwd = workplace()
  const renew = (word: string): void => {
    writeCertificate(cwd, 'server', makeCertificate({ name: `first ${word}`, hosts: ['a.example'] }))
    writeCertificate(cwd, 'other', makeCertificate({ name: `other ${word}`, hosts: ['b.example'] }))
  }
  const nameFor = async (servername: string): Promise<string> => {
    await using client = await secureClient(server.port, { servername })
    assert.equal((await client.get('/pid')).body.toString(), String(server.pid))
    return String(client.socket.getPeerCertificate().subject.CN)
  }
  renew('before')
  const server = await startWorkers(['-w', '0', '--cert-file', 'server.pem', '--key-file', 'server.key', '--certificates', 'other.pem:other.key', 'app.mjs'], { cwd })
  await using kept = await secureClient(server.port)
  const slow = kept.get('/slow')
  const { session } = await pidOn(server.port)
  assert.deepEqual(await Promise.all(['a.example', 'b.example'].map(nameFor)), ['first before', 'other before'])
  renew('after')
  process.kill(server.pid, 'SIGHUP')
  await server.until(/"level":"info".*certificates are read anew/)
  assert.deepEqual(await Promise.all(['a.example', 'b.example'].map(nameFor)), ['first after', 'other after'])
  assert.equal((await pidOn(server.port, session)).reused, true)
  assert.equal((await slow).status, 200)
  assert.equal((await kept.get()).status, 200)
  assert.equal((await server.stop()).code, 0)
})

test('without an arbiter certificates that cannot be used are one line, and those of before stay', async () => {
  const cwd = workplace()
  writeCertificate(cwd, 'server', makeCertificate({ name: 'before' }))
  const server = await startWorkers(['-w', '0', '--cert-file', 'server.pem', '--key-file', 'server.key', 'app.mjs'], { cwd })
  const name = async (): Promise<string> => {
    await using client = await secureClient(server.port)
    assert.equal((await client.get()).status, 200)
    return String(client.socket.getPeerCertificate().subject.CN)
  }
  assert.equal(await name(), 'before')
  const next = makeCertificate({ name: 'after' })
  writeFileSync(join(cwd, 'server.pem'), next.cert) // as a renewal that is half done
  process.kill(server.pid, 'SIGHUP')
  await server.until(/"level":"error".*certificates are not renewed, those of before stay in use: keyFile: server\.key is not the key of the certificate in server\.pem/)
  assert.equal(await name(), 'before')
  writeFileSync(join(cwd, 'server.key'), next.key)
  process.kill(server.pid, 'SIGHUP')
  await server.until(/certificates are read anew/)
  assert.equal(await name(), 'after')
  await server.stop()
  assert.equal(server.times(/not renewed/), 1)
  assert.equal(server.times(/"level":"error"/), 1)
})

for (const workers of ['0', '1']) {
  test(`whom only the authorities of before let in cannot come back with a session of then (-w ${workers})`, async () => {
    const cwd = workplace()
    writeCertificate(cwd, 'server', makeCertificate({ name: 'localhost' }))
    const one = makeCertificate({ name: 'authority', authority: true })
    const alice = makeCertificate({ name: 'alice', issuer: one })
    writeFileSync(join(cwd, 'clients.pem'), one.cert)
    const server = await startWorkers(['-w', workers, '--cert-file', 'server.pem', '--key-file', 'server.key', '--ca-certs', 'clients.pem',
      '--cert-reqs', 'required', 'app.mjs'], { cwd })
    const hello = { cert: alice.cert, key: alice.key, maxVersion: 'TLSv1.2' } as const
    await using first = await secureClient(server.port, hello)
    assert.equal((await first.get()).status, 200)
    const session = first.socket.getSession() as Buffer
    await using again = await secureClient(server.port, { ...hello, session })
    assert.deepEqual([again.socket.isSessionReused(), (await again.get()).status], [true, 200])
    writeFileSync(join(cwd, 'clients.pem'), makeCertificate({ name: 'another authority', authority: true }).cert)
    process.kill(server.pid, 'SIGHUP')
    await server.until(/certificates are read anew|reloaded: 1 new worker/)
    assert.notEqual(await failedHandshake(server.port, { ...hello, session }), 'closed')
    await server.until(/"cause":"bad-handshake"/)
    await server.stop()
  })
}

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
