import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MovedConnections, type Taker } from '../../src/process/moved-connections.ts'
import type { Connection } from '../../src/process/worker-handle.ts'

interface Known extends Connection {
  closed: number
}

const connections = (count: number): readonly Known[] =>
  Array.from({ length: count }, () => ({ closed: 0, close() { this.closed++ } }))

function taker(has: number): Taker & { readonly given: Connection[] } {
  const given: Connection[] = []
  return { connections: has, given, give: (connection) => { given.push(connection) } }
}

test('connections wait until somebody serves, and go each to one, to whoever has the fewest', () => {
  const moved = new MovedConnections()
  const five = connections(5)
  for (const connection of five) moved.add(connection)
  moved.giveTo([])
  const [busy, idle] = [taker(3), taker(0)]
  moved.giveTo([busy, idle])
  assert.equal(busy.given.length, 1)
  assert.equal(idle.given.length, 4)
  assert.deepEqual(new Set([...busy.given, ...idle.given]), new Set(five))
  moved.giveTo([busy, idle])
  moved.close()
  assert.equal(busy.given.length + idle.given.length, 5)
  assert.deepEqual(five.map(({ closed }) => closed), [0, 0, 0, 0, 0])
})

test('connections that wait when the server stops are closed', () => {
  const moved = new MovedConnections()
  const two = connections(2)
  for (const connection of two) moved.add(connection)
  moved.close()
  moved.close()
  assert.deepEqual(two.map(({ closed }) => closed), [1, 1])
})
