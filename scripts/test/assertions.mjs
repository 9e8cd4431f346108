// Loaded before each test file by scripts/test.mjs: a test that asserts nothing fails.
// Uses are counted where the method is looked up (`assert.equal`), so that stacks and messages stay as they are.
import assert from 'node:assert'
import { afterEach, beforeEach } from 'node:test'

let uses = 0
const before = []

for (const object of [assert, assert.strict]) {
  for (const [name, method] of Object.entries(object)) {
    if (typeof method !== 'function' || !/^[a-z]/.test(name) || name === 'strict') continue
    Object.defineProperty(object, name, { enumerable: true, configurable: true, get: () => { uses++; return method } })
  }
}

beforeEach(() => { before.push(uses) })
afterEach(() => {
  if (before.pop() === uses) throw new Error('the test asserts nothing (use the methods of node:assert/strict, as assert.equal)')
})
