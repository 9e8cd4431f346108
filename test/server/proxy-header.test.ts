import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readProxyHeader } from '../../src/server/proxy-header.ts'
import { projectRoot } from '../support/project.ts'

interface Case {
  readonly name: string
  /** Latin-1 text with JSON's escapes, or hexadecimal. */
  readonly text?: string
  readonly hex?: string
  /** What it says; a pattern of what is wrong with it. */
  readonly whole?: { readonly from: string | null, readonly to?: string, readonly encrypted?: boolean }
  readonly bad?: string
}

const cases = JSON.parse(readFileSync(join(projectRoot, 'test', 'corpus', 'proxy-header.json'), 'utf8')) as readonly Case[]
const bytesOf = ({ text, hex }: Case): Buffer => text === undefined ? Buffer.from((hex as string).replaceAll(' ', ''), 'hex') : Buffer.from(text, 'latin1')

for (const one of cases) {
  test(`PROXY header: ${one.name}`, () => {
    const bytes = bytesOf(one)
    const rest = Buffer.from('GET / HTTP/1.1\r\n')
    const read = readProxyHeader(one.whole === undefined ? bytes : Buffer.concat([bytes, rest]))
    if (one.bad !== undefined) {
      assert.equal(read.kind, 'bad')
      assert.match(read.kind === 'bad' ? read.detail : '', new RegExp(one.bad))
    } else {
      assert.ok(read.kind === 'whole', JSON.stringify(read))
      const { addresses, encrypted, length } = read
      const shown = addresses === null ? null : `${addresses.remoteAddress} ${addresses.remotePort}`
      assert.equal(shown, one.whole?.from)
      if (one.whole?.to !== undefined) assert.equal(`${addresses?.localAddress} ${addresses?.localPort}`, one.whole.to)
      assert.equal(encrypted, one.whole?.encrypted ?? null)
      assert.equal(length, bytes.length)
    }
  })
  test(`byte by byte: ${one.name}`, () => {
    const bytes = bytesOf(one)
    for (let size = 0; size < bytes.length; size++) {
      const { kind } = readProxyHeader(bytes.subarray(0, size))
      // What is bad may be known to be before its end; what is good never seems bad.
      if (kind === 'bad' && one.bad !== undefined) return
      assert.equal(kind, 'partial', `after ${size} of ${bytes.length} bytes`)
    }
    assert.equal(readProxyHeader(bytes).kind, one.bad === undefined ? 'whole' : 'bad')
  })
}

test('nothing that is random throws, and none of it is a header', () => {
  for (let i = 0; i < 2000; i++) {
    const bytes = Buffer.from(Array.from({ length: i % 300 }, (_, at) => (i * 31 + at * 17 + (at * at) % 251) & 0xff))
    assert.notEqual(readProxyHeader(bytes).kind, 'whole')
  }
})
