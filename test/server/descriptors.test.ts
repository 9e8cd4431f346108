import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DescriptorLimit } from '../../src/server/descriptors.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { commandEntry } from '../support/project.ts'
import { RawClient, valuesOf } from '../support/raw-client.ts'
import { SteadyClients } from '../support/steady-clients.ts'
import { eventually, startWorkers, workplace, type Workers } from '../support/workers.ts'

test('an eighth of the limit is kept back, at least 8 and at most 64, and half of it is for nobody', () => {
  for (const [limit, last, lastTold] of [[1024, 959, 991], [64, 55, 59], [128, 111, 119], [1_000_000, 999_935, 999_967]] as const) {
    const descriptors = new DescriptorLimit(limit)
    const found = [last, last + 1, lastTold, lastTold + 1].map((number) => descriptors.left(number))
    assert.deepEqual(found, ['enough', 'scarce', 'scarce', 'gone'], String(limit))
  }
})

test('where there is no limit, or descriptors have no numbers, there is always room', () => {
  assert.equal(new DescriptorLimit(Infinity).left(1_000_000), 'enough')
  assert.equal(new DescriptorLimit(64).left(-1), 'enough')
})

const cwd = workplace()
const skip = !existsSync('/proc/self/limits') && 'the system does not tell limits as Linux does'
const LIMIT = 96

writeFileSync(join(cwd, 'files.mjs'), `
  import { readdirSync } from 'node:fs'
  export default async (environ, startResponse) => {
    // Reading a directory takes a descriptor.
    const number = readdirSync('/proc/self/fd').length
    startResponse('200 OK', [['Content-Type', 'text/plain']])
    return [Buffer.from(String(number))]
  }
`)

function limited(...args: string[]): Promise<Workers> {
  const program = ['sh', '-c', `ulimit -n ${LIMIT}; exec "$0" "$@"`, process.execPath, commandEntry]
  return startWorkers([...args, 'files.mjs'], { cwd, program })
}

const request = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

interface Crowd { readonly served: RawClient[], readonly refused: number, readonly unheard: number }

/** So many connections that are left open, each with a request. */
async function crowd(address: string, count: number): Promise<Crowd> {
  const clients = await Promise.all(Array.from({ length: count }, () => RawClient.connect(address).catch(() => null)))
  const served: RawClient[] = []
  let refused = 0
  for (const client of clients) {
    const answer = await client?.send(request).then(() => client.response()).catch(() => null) ?? null
    if (answer?.status === 200) served.push(client as RawClient)
    else {
      if (answer !== null) {
        assert.equal(answer.status, 503)
        assert.deepEqual(valuesOf(answer, 'retry-after'), ['1'])
        refused++
      }
      client?.destroy()
    }
  }
  return { served, refused, unheard: count - served.length - refused }
}

for (const [way, args] of [['in a process alone', ['-w', '0']], ['in a worker', ['-w', '1']]] as const) {
  test(`${way}, whoever is too many gets 503, those that are there go on, and it recovers`, { skip }, async () => {
    const server = await limited(...args)
    const steady = new SteadyClients(server.port, { count: 4 })
    await eventually(() => steady.count > 20, () => 'steady clients')
    const { served, refused } = await crowd(server.address, 2 * LIMIT)
    assert.ok(served.length > 0 && refused > 0, `${served.length} served, ${refused} refused`)
    for (const client of served) {
      await client.send(request)
      assert.equal((await client.response()).status, 200)
    }
    assert.equal(server.times(/file descriptors few are left/), 1, server.stderr())
    for (const client of served) client.destroy()
    await eventually(async () => await server.status('/') === 200, () => 'room')
    const { failures } = await steady.stop()
    assert.deepEqual(failures, {})
    await server.stop()
  })
}

test('over TLS they are told too, or closed, and it recovers', { skip }, async () => {
  const { certFile, keyFile } = writeCertificate(cwd, 'server', makeCertificate({ name: 'localhost' }))
  const server = await limited('-w', '0', '--cert-file', certFile, '--key-file', keyFile)
  const { served, refused, unheard } = await crowd(server.address, 2 * LIMIT)
  assert.ok(served.length > 0 && refused + unheard > 0, `${served.length} served, ${refused} refused, ${unheard} unheard`)
  for (const client of served) {
    await client.send(request)
    assert.equal((await client.response()).status, 200)
    client.destroy()
  }
  await eventually(async () => await server.status('/') === 200, () => 'room')
  assert.equal(server.times(/file descriptors few are left/), 1, server.stderr())
  await server.stop()
})
