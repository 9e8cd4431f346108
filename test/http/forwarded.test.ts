import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forwardedNode } from '../../src/http/forwarded-node.ts'
import { parseForwarded } from '../../src/http/forwarded-elements.ts'
import { forwardedNames, readForwarded, type Told } from '../../src/http/forwarded.ts'

const PROXIES: ReadonlySet<string> = new Set(['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1'])
const ALL: ReadonlySet<string> = new Set(forwardedNames)

function told(lines: Readonly<Record<string, string>>, names: ReadonlySet<string> = ALL): Partial<Told> | string | undefined {
  const read = readForwarded(Object.entries(lines).flat(), names, (address) => address === 'unix:' || PROXIES.has(address))
  if (read === undefined) return undefined
  if ('unreadable' in read) return 'unreadable'
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

const client = (address: string, port = 0): { client: { address: string, port: number } } => ({ client: { address, port } })

const chains: readonly (readonly [string, Readonly<Record<string, string>>, object | string | undefined])[] = [
  ['nothing is told', { Host: 'a' }, undefined],
  ['one proxy', { 'X-Forwarded-For': '203.0.113.7' }, client('203.0.113.7')],
  ['one proxy, in front of a client that forges', { 'X-Forwarded-For': '1.1.1.1, 203.0.113.7' }, client('203.0.113.7')],
  ['a forged trusted address', { 'X-Forwarded-For': '10.0.0.1, 203.0.113.7' }, client('203.0.113.7')],
  ['two proxies', { 'X-Forwarded-For': '1.1.1.1, 203.0.113.7, 10.0.0.1' }, client('203.0.113.7')],
  ['three proxies', { 'X-Forwarded-For': '203.0.113.7,10.0.0.2 ,10.0.0.1' }, client('203.0.113.7')],
  ['only proxies: the outermost asked itself', { 'X-Forwarded-For': '10.0.0.2, 10.0.0.1' }, client('10.0.0.2')],
  ['several lines are one list', { 'X-Forwarded-For': '1.1.1.1', 'x-forwarded-for': '203.0.113.7, 10.0.0.1' }, client('203.0.113.7')],
  ['what a client forged need not be readable', { 'X-Forwarded-For': '"<script>, 203.0.113.7' }, client('203.0.113.7')],
  ['what a trusted proxy says must be', { 'X-Forwarded-For': '203.0.113.7, nonsense' }, 'unreadable'],
  ['also behind another trusted one', { 'X-Forwarded-For': 'nonsense, 10.0.0.1' }, 'unreadable'],
  ['a client that the proxy does not know', { 'X-Forwarded-For': 'unknown, 10.0.0.1' }, client('')],
  ['a client of nginx on a unix socket', { 'X-Forwarded-For': 'unix:' }, client('')],
  ['through nginx on a unix socket, trusted', { 'X-Forwarded-For': '203.0.113.7, unix:' }, client('203.0.113.7')],
  ['IPv6, bare', { 'X-Forwarded-For': '2001:DB8::7' }, client('2001:db8::7')],
  ['IPv6, with a port', { 'X-Forwarded-For': '[2001:db8::7]:4711, fd00::1' }, client('2001:db8::7', 4711)],
  ['IPv4 with a port', { 'X-Forwarded-For': '203.0.113.7:4711' }, client('203.0.113.7', 4711)],
  ['a port that is none', { 'X-Forwarded-For': '203.0.113.7:70000' }, 'unreadable'],
  ['empty', { 'X-Forwarded-For': '' }, undefined],
  ['the scheme', { 'X-Forwarded-Proto': 'https' }, { scheme: 'https' }],
  ['the scheme of a WebSocket', { 'X-Forwarded-Proto': 'WSS' }, { scheme: 'https' }],
  ['a scheme that is none of the web', { 'X-Forwarded-Proto': 'javascript' }, 'unreadable'],
  ['the scheme from the outermost trusted proxy', { 'X-Forwarded-For': '203.0.113.7, 10.0.0.1', 'X-Forwarded-Proto': 'https, http' }, { ...client('203.0.113.7'), scheme: 'https' }],
  ['a scheme that the client forged', { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https, http' }, { ...client('203.0.113.7'), scheme: 'http' }],
  ['a scheme that only one of two proxies tells', { 'X-Forwarded-For': '203.0.113.7, 10.0.0.1', 'X-Forwarded-Proto': 'https' }, { ...client('203.0.113.7'), scheme: 'https' }],
  ['the host', { 'X-Forwarded-Host': 'a.example:8443' }, { host: 'a.example:8443' }],
  ['a host that is none', { 'X-Forwarded-Host': 'a.example/evil' }, 'unreadable'],
  ['a host, forged', { 'X-Forwarded-Host': 'evil.example, a.example' }, { host: 'a.example' }],
  ['the port', { 'X-Forwarded-Port': '8443' }, { port: 8443 }],
  ['a port of 0', { 'X-Forwarded-Port': '0' }, 'unreadable'],
  ['the prefix', { 'X-Forwarded-Prefix': '/app' }, { prefix: '/app' }],
  ['a prefix with a slash at its end', { 'X-Forwarded-Prefix': '/app/sub/' }, { prefix: '/app/sub' }],
  ['the prefix that is none', { 'X-Forwarded-Prefix': '/' }, {}],
  ['a prefix out of the tree', { 'X-Forwarded-Prefix': '/app/../x' }, 'unreadable'],
  ['a prefix that is another host to browsers', { 'X-Forwarded-Prefix': '//evil.example' }, 'unreadable'],
  ['RFC 7239 section 4: a port and a quoted IPv6', { Forwarded: 'For="[2001:db8:cafe::17]:4711"' }, client('2001:db8:cafe::17', 4711)],
  ['RFC 7239 section 4: a whole element', { Forwarded: 'for=192.0.2.60;proto=http;by=203.0.113.43' }, { ...client('192.0.2.60'), scheme: 'http' }],
  ['RFC 7239 section 4: two elements', { Forwarded: 'for=192.0.2.43, for=198.51.100.17' }, client('198.51.100.17')],
  ['RFC 7239 section 6: a hidden client', { Forwarded: 'for="_gazonk"' }, client('')],
  ['RFC 7239 section 6.3: a hidden port', { Forwarded: 'for="192.0.2.43:_p47"' }, client('192.0.2.43')],
  ['Forwarded, through two proxies', { Forwarded: 'for=203.0.113.7;proto=https;host="a.example:443", for=10.0.0.1' }, { ...client('203.0.113.7'), scheme: 'https', host: 'a.example:443' }],
  ['Forwarded, forged and whole', { Forwarded: 'for=10.0.0.1;proto=https;host=evil.example, for=203.0.113.7;proto=http' }, { ...client('203.0.113.7'), scheme: 'http' }],
  ['Forwarded, forged with an open quote', { Forwarded: 'for="evil, for=203.0.113.7' }, 'unreadable'],
  ['Forwarded without for ends the chain', { Forwarded: 'for=203.0.113.7, proto=https, for=10.0.0.1' }, { ...client(''), scheme: 'https' }],
  ['Forwarded with the host alone', { Forwarded: 'host=a.example' }, { host: 'a.example' }],
  ['Forwarded beside the older fields does not count', { Forwarded: 'for=1.1.1.1', 'X-Forwarded-For': '203.0.113.7' }, client('203.0.113.7')],
  ['the prefix goes with Forwarded', { Forwarded: 'for=203.0.113.7', 'X-Forwarded-Prefix': '/app' }, { ...client('203.0.113.7'), prefix: '/app' }],
]
for (const [name, lines, expected] of chains) {
  test(`${name}: ${JSON.stringify(lines)}`, () => assert.deepEqual(told(lines), expected))
}

test('fields that are not named do not count', () => {
  const lines = { Forwarded: 'for=1.1.1.1', 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Host': 'evil.example' }
  assert.deepEqual(told(lines, new Set(['forwarded'])), client('1.1.1.1'))
  assert.deepEqual(told(lines, new Set(['x-forwarded-for'])), client('203.0.113.7'))
  assert.equal(told(lines, new Set()), undefined)
})

const values: readonly (readonly [string, object[] | undefined])[] = [
  ['for=a', [{ for: 'a' }]],
  ['FOR=a;Proto=https', [{ for: 'a', proto: 'https' }]],
  ['for="a\\"b\\\\c"', [{ for: 'a"b\\c' }]],
  ['for="a, b; c"', [{ for: 'a, b; c' }]],
  [' for=a ;\tproto=http , , by=_x,', [{ for: 'a', proto: 'http' }, { by: '_x' }]],
  ['for=a;secret=x', [{ for: 'a' }]],
  ['for=', undefined],
  ['for', undefined],
  ['for =a', undefined],
  ['for= a', undefined],
  ['for="a', undefined],
  ['for="a"b', undefined],
  ['for=a;for=b', undefined],
  ['for=[::1]', undefined],
  ['for=a:80', undefined],
  ['=a', undefined],
  ['', []],
]
for (const [value, expected] of values) {
  test(`Forwarded: ${value}`, () => assert.deepEqual(parseForwarded(value), expected))
}

test('nodes', () => {
  for (const text of ['256.0.0.1', '1.2.3', '1.2.3.4:', '1.2.3.4:99999', '01.2.3.4', '[1.2.3.4]', '[::1', '::1]', 'a.example', '', '_', 'fe80::1%eth0', '[::1]80']) {
    assert.equal(forwardedNode(text), undefined, text)
  }
  for (const text of ['unknown', 'Unknown:80', '_hidden', '_SEVKISEK:_x1']) assert.deepEqual(forwardedNode(text), { address: '', port: 0 }, text)
  assert.deepEqual(forwardedNode('[::ffff:1.2.3.4]:80'), { address: '::ffff:1.2.3.4', port: 80 })
})
