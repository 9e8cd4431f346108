import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkField } from '../../../src/http/h1/response-writer.ts'

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
