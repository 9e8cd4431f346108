import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bindSocket, inheritSocket, type BoundSocket } from '../../src/server/bound-socket.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-bound-'))
after(() => { rmSync(directory, { recursive: true }) })

/** Listens on a bound socket, and gives what a client is told. */
async function told(socket: BoundSocket, where: { port: number, host: string } | { path: string }): Promise<string> {
  const server = createServer((client) => client.end('here'))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ fd: socket.handle.fd }, resolve))
  const client = connect(where)
  let text = ''
  for await (const piece of client) text += String(piece)
  server.close()
  return text
}

test('a port that the system chooses is bound, known, and served by whoever listens on it', async () => {
  const socket = await bindSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 }, null)
  assert.ok(socket.address.kind === 'tcp' && socket.address.port > 0)
  assert.equal(await told(socket, { host: '127.0.0.1', port: socket.address.port }), 'here')
})

test('no host is every interface, a name is looked up', async () => {
  const all = await bindSocket({ kind: 'tcp', host: null, port: 0 }, null)
  assert.ok(all.address.kind === 'tcp')
  assert.equal(await told(all, { host: '127.0.0.1', port: all.address.port }), 'here')
  const named = await bindSocket({ kind: 'tcp', host: 'localhost', port: 0 }, null)
  assert.ok(named.address.kind === 'tcp' && named.address.port > 0)
  named.close('over')
  await assert.rejects(bindSocket({ kind: 'tcp', host: 'no-such-host.invalid', port: 0 }, null), /cannot listen on no-such-host\.invalid:0: /)
})

test('a port that another listens on is refused at once, not when a worker listens', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  await assert.rejects(bindSocket({ kind: 'tcp', host: '127.0.0.1', port }, null), { code: 'EADDRINUSE', message: `cannot listen on 127.0.0.1:${port}: the address is in use` })
  other.close()
})

test('the file of a unix socket stays when it is handed over, and goes when it is over', async () => {
  const path = join(directory, 'a.sock')
  const first = await bindSocket({ kind: 'unix', path }, null)
  first.close('handed over')
  assert.ok(existsSync(path))
  const second = await bindSocket({ kind: 'unix', path }, null)
  assert.deepEqual(readdirSync(directory), ['a.sock'])
  assert.equal(await told(second, { path }), 'here')
  second.close('over')
  assert.equal(existsSync(path), false)
})

test('a unix socket in a directory that is not there is refused', async () => {
  chmodSync(directory, 0o755)
  await assert.rejects(bindSocket({ kind: 'unix', path: join(directory, 'none', 'a.sock') }, null), /^Error: cannot listen on unix:.*: /)
})

test('an inherited descriptor is used as it is; one that is no socket is refused', async () => {
  const socket = await bindSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 }, null)
  const inherited = inheritSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 }, socket.handle.fd)
  assert.deepEqual(inherited.address, socket.address)
  await assert.rejects(bindSocket({ kind: 'fd', fd: 987 }, null), /cannot listen on fd:987: /)
})
