import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { preference, prefersHtml } from '../../src/http/accept.ts'

test('the example of RFC 9110 section 12.5.1: the closest range decides', () => {
  const accept = 'text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5'
  assert.equal(preference(accept, 'text/html').quality, 0.3)
  assert.equal(preference(accept, 'image/jpeg').quality, 0.5)
  assert.equal(preference('audio/*; q=0.2, audio/basic', 'audio/basic').quality, 1)
  assert.equal(preference('text/html;q=0, */*', 'text/html').quality, 0)
})

test('without the field everything is acceptable, and what it does not name is not', () => {
  assert.equal(preference(undefined, 'text/html').quality, 1)
  assert.equal(preference('', 'text/html').quality, 1)
  assert.equal(preference('image/png', 'text/html').quality, 0)
})

test('a malformed element is passed over', () => {
  assert.equal(preference('text/html;q=2, text/html;q=x, text/html;q=0.1234, text/plain', 'text/html').quality, 0)
  assert.equal(preference('text, /, html, text/html;q=0.5', 'text/html').quality, 0.5)
})

test('names and the weight are read in any case, with white space', () => {
  assert.equal(preference('Text/HTML ; Q=0.5', 'text/html').quality, 0.5)
})

test('a browser prefers HTML, a tool that takes anything does not', () => {
  for (const accept of [
    'text/html',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/html, */*',
    '*/*;q=0.1, text/html;q=0.5',
    'text/plain;q=0.5, text/html'
  ]) {
    assert.equal(prefersHtml(accept), true, accept)
  }
  for (const accept of [
    undefined,
    '',
    '*/*',
    'text/*',
    'application/json',
    'application/json, */*;q=0.5',
    'text/plain, text/html',
    'text/html;q=0',
    'text/html;q=0, */*',
    'text/html;q=0.2, text/plain;q=0.3',
    'text/html;q=0.5, */*'
  ]) {
    assert.equal(prefersHtml(accept), false, accept)
  }
})

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { quality } = preference(text, 'text/html')
      assert.ok(quality >= 0 && quality <= 1)
    })
  )
})
