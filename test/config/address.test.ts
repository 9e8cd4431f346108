import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAddress, parseAddress, type Address } from '../../src/config/address.ts'

const tcp = (host: string | null, port: number): Address => ({ kind: 'tcp', host, port })

const right: readonly (readonly [text: string, address: Address])[] = [
  ['127.0.0.1:8060', tcp('127.0.0.1', 8060)],
  ['0.0.0.0:80', tcp('0.0.0.0', 80)],
  ['localhost:0', tcp('localhost', 0)],
  ['app.example.org.:65535', tcp('app.example.org.', 65535)],
  ['my_host', tcp('my_host', 8060)],
  ['10.0.0.7', tcp('10.0.0.7', 8060)],
  [':9000', tcp(null, 9000)],
  ['9000', tcp('127.0.0.1', 9000)],
  ['[::1]:80', tcp('::1', 80)],
  ['[::]', tcp('::', 8060)],
  ['unix:/run/app.sock', { kind: 'unix', path: '/run/app.sock' }],
  ['unix:app:1.sock', { kind: 'unix', path: 'app:1.sock' }],
  ['fd:3', { kind: 'fd', fd: 3 }],
  ['fd:0', { kind: 'fd', fd: 0 }],
]

for (const [text, address] of right) {
  test(`reads the address ${text}`, () => {
    assert.deepEqual(parseAddress(text), address)
  })
}

const wrong: readonly string[] = [
  '', ':', 'host:', ':65536', '65536', 'host:-1', 'host:80a', 'host:80:90', '::1', '::1:80', '[::1', '[::1]80', '[::1]:',
  '[host]:80', '[]:80',
  '256.1.1.1:80', '1.2.3:80', '-host:80', 'host-:80', 'a..b:80', '*:80', 'ho st:80', 'http://host:80', 'user@host:80', 'unix:',
  `unix:/${'x'.repeat(107)}`, 'unix:/a\0b', 'fd:', 'fd:x', 'fd:-1', 'fd:1', 'fd:2', `${'a'.repeat(64)}:80`,
]

for (const text of wrong) {
  test(`refuses the address ${JSON.stringify(text)}`, () => {
    assert.equal(parseAddress(text), undefined)
  })
}

test('an address that is written is read back as the same', () => {
  const plain = { noNullPrototype: true } as const
  const hosts = fc.oneof(fc.constant(null), fc.ipV4(), fc.ipV6(), fc.domain())
  const addresses = fc.oneof(
    fc.record({ kind: fc.constant('tcp' as const), host: hosts, port: fc.nat(65535) }, plain),
    fc.record({ kind: fc.constant('unix' as const), path: fc.stringMatching(/^[ -~]{1,107}$/) }, plain),
    fc.record({ kind: fc.constant('fd' as const), fd: fc.integer({ min: 3, max: 999_999_999 }) }, plain),
  )
  fc.assert(fc.property(addresses, (address) => {
    assert.deepEqual(parseAddress(formatAddress(address)), address)
  }))
})

test('any text is read or refused, never thrown at', () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const address = parseAddress(text)
    if (address !== undefined) assert.deepEqual(parseAddress(formatAddress(address)), address)
  }))
})
