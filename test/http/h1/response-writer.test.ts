import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkField, ResponseWriter, type AnswerContext } from '../../../src/http/h1/response-writer.ts'

test('a value is looked at again when it is another one, whatever was sent under the name before', () => {
  for (const name of ['X-Never-Sent', 'X-Sent']) {
    if (name === 'X-Sent') assert.equal(checkField(name, 'good'), 'plain')
    for (const bad of [undefined, null, 1, ['good']]) {
      assert.throws(() => checkField(name, bad as unknown as string), TypeError, `${name}: ${String(bad)}`)
    }
    assert.throws(() => checkField(name, 'good\r\nbad: 1'), /control character/)
    assert.equal(checkField(name, ''), 'plain')
    assert.equal(checkField(name, 'good'), 'plain')
  }
})

const plain = { version: '1.1', isHead: false, persistent: true, bodyLength: 5 } as const

/** Every head of a sequence is what a writer gives that has made none before. */
function assertIndependent(heads: readonly (readonly [string, [string, string][], AnswerContext])[]): void {
  const writer = new ResponseWriter('Pulsar', () => 0)
  for (const [status, fields, context] of heads) {
    const fresh = new ResponseWriter('Pulsar', () => 0)
    const facts = (of: ResponseWriter): unknown => {
      try {
        of.head(status, fields, context)
        return { text: of.text, code: of.code, framing: of.framing, persistent: of.persistent, length: of.framing === 'length' ? of.length : -1 }
      } catch (error) {
        return (error as Error).message
      }
    }
    const expected = facts(fresh)
    assert.deepEqual(facts(writer), expected)
    assert.deepEqual(facts(writer), expected, 'once more')
  }
}

test('what one head was says nothing of the next, however alike they are', () => {
  const type: [string, string] = ['Content-Type', 'text/plain']
  assertIndependent([
    ['200 OK', [type], plain],
    ['200 OK', [type], { ...plain, bodyLength: 6 }],
    ['200 OK', [type], { ...plain, bodyLength: null }],
    ['200 OK', [type], { ...plain, bodyLength: null, version: '1.0' }],
    ['200 OK', [type], { ...plain, version: '1.0' }],
    ['200 OK', [type], { ...plain, isHead: true }],
    ['200 OK', [type], { ...plain, persistent: false }],
    ['200 OK', [type, ['Connection', 'close']], plain],
    ['200 OK', [type, ['Content-Length', '5']], plain],
    ['200 OK', [type, ['Content-Length', '6']], plain],
    ['200 OK', [type, ['Content-Length', 'six']], plain],
    ['200 OK', [type, ['Content-Length', '5'], ['Content-Length', '5']], plain],
    ['200 OK', [type, ['Content-Length', '5'], ['Content-Length', '6']], plain],
    ['200 OK', [['content-type', 'text/plain']], plain],
    ['200 Fine', [type], plain],
    ['204 No Content', [type], plain],
    ['304 Not Modified', [type], plain],
    ['304 Not Modified', [type, ['Content-Length', '7']], plain],
    ['100 Continue', [type], plain],
    ['426 Upgrade Required', [['Upgrade', 'websocket']], plain],
    ['200 OK', [['Upgrade', 'websocket']], plain],
    ['200 OK', [['Date', 'now'], ['Server', 'own']], plain],
    ['200 OK', [type, ['X-Bad', 'a\r\nb']], plain],
    ['200 OK', [type], plain],
  ])
})

test('fields that change after a head was made are in the next one', () => {
  const writer = new ResponseWriter('', () => 0)
  const field: [string, string] = ['X-Count', '1']
  const fields = [field]
  writer.head('200 OK', fields, plain)
  field[1] = '2'
  writer.head('200 OK', fields, plain)
  assert.match(writer.text, /X-Count: 2/)
  fields.push(['X-More', 'yes'])
  writer.head('200 OK', fields, plain)
  assert.match(writer.text, /X-More: yes/)
})

test('Date goes on with the clock, also in a head like the one before', () => {
  let now = 0
  const writer = new ResponseWriter('', () => now)
  writer.head('200 OK', [], plain)
  assert.match(writer.text, /Date: Thu, 01 Jan 1970 00:00:00 GMT/)
  now = 2000
  writer.head('200 OK', [], plain)
  assert.match(writer.text, /Date: Thu, 01 Jan 1970 00:00:02 GMT/)
})
