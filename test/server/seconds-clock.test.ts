import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondsClock } from '../../src/server/seconds-clock.ts'

test('the clock is right to the second, also in the next one', async () => {
  for (let i = 0; i < 3; i++) {
    const before = Math.floor(Date.now() / 1000)
    const second = Math.floor(secondsClock() / 1000)
    assert.ok(second >= before - 1 && second <= Math.floor(Date.now() / 1000), `${second} is not about ${before}`)
    const left = 1000 - Date.now() % 1000
    await new Promise((resolve) => setTimeout(resolve, left + 60))
  }
})
