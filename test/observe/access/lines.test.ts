import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { accessAtoms } from '../../../src/config/access-format.ts'
import type { Closing } from '../../../src/gateway/exchange.ts'
import type { Phases } from '../../../src/http/phases.ts'
import { combined } from '../../../src/observe/access/combined.ts'
import { commonTime, isoTime } from '../../../src/observe/access/clock.ts'
import type { AccessEntry, AccessFormat } from '../../../src/observe/access/entry.ts'
import { json } from '../../../src/observe/access/json.ts'
import { ownFormat } from '../../../src/observe/access/own-format.ts'
import { RecordingExchange } from '../../support/recording-exchange.ts'

const phases: Phases = { body: 1, queue: 20.25, application: 300, write: 0.05, total: 321.3 }
const now = Date.UTC(2026, 9, 10, 11, 55, 36, 7)

interface Asked {
  readonly method?: string
  readonly target?: string
  readonly fields?: readonly string[]
  readonly id?: string
  readonly authority?: string
  readonly remoteAddress?: string
}

interface Told {
  readonly entry: AccessEntry
  readonly closing: Closing
}

function toldOf({ method = 'GET', target = '/', fields = [], id = 'id-1', authority = 'a.example', remoteAddress = '192.0.2.1' }: Asked): Told {
  const { head, peer } = new RecordingExchange({ method, target, fields, head: { authority }, peer: { remoteAddress, remotePort: 4711 } })
  const closing = { cause: null, status: 200, bytes: 5, fields: [['Location', '/a'], ['X-Two', 'b']], phases } as const
  return { entry: { head, peer, id }, closing }
}

const printed = (format: AccessFormat) => ({ entry, closing }: Told): string => `${format(entry, closing, now)}\n`
const combinedLine = printed(combined)
const jsonLine = printed(json)
const ownLine = (format: string): ((told: Told) => string) => printed(ownFormat(format))

/** What came was no request. */
const nothing: Told = {
  entry: { ...toldOf({}).entry, head: null, id: null }, closing: { cause: 'bad-method', status: 400, bytes: 0, fields: [], phases: null },
}

suite('lines of the access log', () => {
  test('combined is Apache\'s, and id, cause and times behind it', () => {
    const fields = ['Referer', 'http://b.example/', 'User-Agent', 'agent/1.0', 'Authorization', `Basic ${btoa('me:secret')}`]
    assert.equal(
      combinedLine(toldOf({ target: '/a?b=c', fields })),
      `192.0.2.1 - me ${commonTime(now)} "GET /a?b=c HTTP/1.1" 200 5 "http://b.example/" "agent/1.0"`
        + ' id=id-1 ms=321.3 body=1.0 queue=20.3 application=300.0 write=0.1\n',
    )
    assert.equal(combinedLine(nothing), `192.0.2.1 - - ${commonTime(now)} "-" 400 - "-" "-" id=- cause=bad-method\n`)
  })

  test('JSON has an object for each request', () => {
    const fields = ['User-Agent', 'caf\xc3\xa9 \xff', 'Referer', '\xc3\xa9']
    assert.deepEqual(JSON.parse(jsonLine(toldOf({ method: 'POST', target: '/x', fields, remoteAddress: '' }))), {
      time: '2026-10-10T11:55:36.007Z', pid: process.pid, id: 'id-1', peer: 'unix', user: null, method: 'POST', target: '/x',
      protocol: 'HTTP/1.1', host: 'a.example', referer: 'é', agent: 'caf\xc3\xa9 \xff', status: 200, bytes: 5, cause: null,
      ms: 321.3, body: 1, queue: 20.3, application: 300, write: 0.1,
    })
    assert.deepEqual(JSON.parse(jsonLine(nothing)), {
      time: '2026-10-10T11:55:36.007Z', pid: process.pid, id: null, peer: '192.0.2.1:4711', status: 400, bytes: 0, cause: 'bad-method',
    })
  })

  test('an own format has gunicorn\'s atoms', () => {
    const fields = ['Referer', 'r', 'User-Agent', 'a', 'X-Own', 'o']
    const entry = toldOf({ target: '/p?q', fields })
    const formatted = (format: string): string => ownLine(format)(entry)
    assert.equal(formatted('%(h)s|%(l)s|%(u)s|%(r)s|%(m)s|%(U)s|%(q)s|%(H)s|%(s)s|%(B)s|%(b)s|%(f)s|%(a)s'),
      '192.0.2.1|-|-|GET /p?q HTTP/1.1|GET|/p|q|HTTP/1.1|200|5|5|r|a\n')
    assert.equal(formatted('%(T)s %(M)s %(D)s %(L)s %(p)s'), `0 321 321300 0.321300 <${process.pid}>\n`)
    assert.equal(formatted('%(id)s %(cause)s %(body)s %(queue)s %(application)s %(write)s'), 'id-1 - 1.0 20.3 300.0 0.1\n')
    assert.equal(formatted('%({x-own}i)s %({x-none}i)s %({location}o)s %({x-none}o)s %%'), 'o - /a - %\n')
    assert.equal(formatted('%(t)s'), `${commonTime(now)}\n`)
    assert.equal(ownLine('é%(h)s')(entry), '\xc3\xa9192.0.2.1\n')
  })

  test('the time is the second\'s, also when the clock goes on or back', () => {
    assert.match(commonTime(now), /^\[10\/Oct\/2026:\d\d:\d5:36 [+-]\d{4}\]$/)
    for (const at of [now, now + 992, now + 993, now + 5000, now - 60_000, 0]) assert.equal(isoTime(at), new Date(at).toISOString())
  })
})

/** Text of bytes as a client may send them, and worse. */
const hostile = fc.string({ unit: fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  fc.constantFrom('"', '\\', '\n', '\r', ' ', '\t', '\x1b', '\x85', '-', ']', '\xe2\x80\xa8'),
), maxLength: 30 })

const asked: fc.Arbitrary<Required<Pick<Asked, 'method' | 'target' | 'fields' | 'authority' | 'id'>>> = fc.record({
  method: hostile, target: hostile, authority: hostile, id: hostile.filter((id) => id !== ''),
  fields: fc.tuple(hostile, hostile, hostile, hostile).map(([referer, agent, user, own]) => [
    'Referer', referer, 'User-Agent', agent, 'X-Own', own,
    'Authorization', `Basic ${Buffer.from(`${user}:x`, 'latin1').toString('base64')}`,
  ]),
})

/** As Apache's lines are read: quoted parts by their quotes, the others by spaces. */
const combinedForm = /^(\S+) (\S+) (\S+) \[([^\]"]+)\] "((?:[^"\\]|\\.)*)" (\S+) (\S+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)" id=(\S+) ms=\S+ body=\S+ queue=\S+ application=\S+ write=\S+\n$/

const unescaped = (text: string): string =>
  text.replace(/\\(x([0-9a-f]{2})|.)/g, (_, char: string, hex?: string) => (hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16))))

suite('no client can forge a line of the access log', () => {
  test('a combined line has its parts, each what the client sent', () => {
    fc.assert(fc.property(asked, (one) => {
      const line = combinedLine(toldOf(one))
      assert.match(line, /^[ -~]+\n$/)
      const match = combinedForm.exec(line)
      assert.ok(match, line)
      const [, , , user = '', , request = '', , , referer = '', agent = '', id = ''] = match
      assert.equal(unescaped(request), `${one.method} ${one.target} HTTP/1.1`)
      const [, sentReferer, , sentAgent] = one.fields
      assert.equal(unescaped(referer), sentReferer === '' ? '-' : sentReferer)
      assert.equal(unescaped(agent), sentAgent === '' ? '-' : sentAgent)
      const name = Buffer.from(one.fields[7]?.slice(6) ?? '', 'base64').toString('latin1').split(':', 1)[0]
      assert.equal(unescaped(user), name === '' ? '-' : name)
      assert.equal(unescaped(id), one.id)
    }), { examples: [[{ method: 'G', target: '/"\\\n', authority: '', id: 'a b', fields: ['Referer', '\\', 'User-Agent', '"', 'X-Own', '', 'Authorization', 'Basic '] }]] })
  })

  test('a line of JSON is one object, with the names that it should have', () => {
    const names = Object.keys(JSON.parse(jsonLine(toldOf({}))) as object)
    fc.assert(fc.property(asked, (one) => {
      const line = jsonLine(toldOf(one))
      assert.match(line, /^[ -~]+\n$/)
      const read = JSON.parse(line) as Record<string, unknown>
      assert.deepEqual(Object.keys(read), names)
      const text = Buffer.from(one.target, 'latin1').toString()
      assert.equal(read.target, text.includes('\ufffd') && !one.target.includes('\xef\xbf\xbd') ? one.target : text)
    }))
  })

  test('a line of an own format is one line', () => {
    const format = Object.keys(accessAtoms).map((atom) => `%(${atom})s`).join(' ')
    const print = ownLine(`${format} "%({x-own}i)s"`)
    fc.assert(fc.property(asked, (one) => {
      const line = print(toldOf(one))
      assert.match(line, /^[ -~]+\n$/)
      assert.equal(unescaped(/ "((?:[^"\\]|\\.)*)"\n$/.exec(line)?.[1] ?? ''), one.fields[5] === '' ? '-' : one.fields[5])
    }))
  })
})
