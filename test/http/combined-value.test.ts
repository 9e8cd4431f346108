import assert from 'node:assert/strict'
import { test } from 'node:test'
import { combinedValue } from '../../src/http/combined-value.ts'

test('the lines of a field are one list, in order, whatever the case of its name', () => {
  const fields = ['Accept', 'a', 'Host', 'h', 'ACCEPT', 'b, c', 'accept', '']
  assert.equal(combinedValue(fields, 'Accept'), 'a, b, c, ')
  assert.equal(combinedValue(fields, 'host'), 'h')
  assert.equal(combinedValue(fields, 'h'), undefined)
  assert.equal(combinedValue(fields, 'a'), undefined)
})
