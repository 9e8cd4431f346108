import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Route } from '../../../src/web/router/route.ts'
import { RouteTable } from '../../../src/web/router/route-table.ts'

function tableOf(rules: readonly string[]): RouteTable<string> {
  const table = new RouteTable<string>()
  for (const rule of rules) table.add(new Route<string>(rule), rule)
  return table
}

/** What the rule of precedence says, worked out the slow way: all rules that match, in order. */
function expected(rules: readonly string[], path: string): string | undefined {
  const length = path.split('/').length
  const rank = (rule: string): string =>
    Array.from({ length }, (_, index) => (rule.split('/')[index]?.includes('<') === false ? 'literal' : 'variable')).join()
  return rules.filter((rule) => {
    const found = new Route<string>(rule).match(path)
    return found !== undefined && !('__remaining__' in found)
  }).sort((one, other) => (rank(one) < rank(other) ? -1 : rank(one) > rank(other) ? 1 : 0))[0]
}

const segment = fc.constantFrom('a', 'b', '1', '22')
const ruleSegment = fc.oneof(segment, fc.constantFrom('<x>', '<int:x>', '<any(a, b):x>', '<x>1', '<string(length=2):x>'))

/** Each variable needs a name of its own; of the same shape only the first counts. */
function numbered(segments: readonly string[]): string {
  return segments.map((text, index) => text.replace('x>', `x${index}>`)).join('/')
}

const rule = fc.tuple(fc.array(ruleSegment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '/', '/<path:rest>'))
  .map(([segments, end]) => numbered(segments) + end)
const rules = fc.uniqueArray(rule, { minLength: 1, maxLength: 12 })
const path = fc.tuple(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '/')).map(([segments, end]) => segments.join('/') + end)

test('the tree finds a route exactly where one of the rules matches, with the values that it has', () => {
  fc.assert(fc.property(rules, path, (all, asked) => {
    const found = tableOf(all).find(`/${asked}`)
    const matching = all.filter((one) => {
      const match = new Route<string>(one).match(asked)
      return match !== undefined && !('__remaining__' in match)
    })
    assert.equal(found !== undefined, matching.length > 0)
    if (found === undefined) return
    assert.ok(matching.includes(found.target))
    const route = new Route<string>(found.target)
    assert.deepEqual(Object.fromEntries(route.orderedVariables.map((name, index) => [name, found.values[index]])), { ...route.match(asked) })
  }), { numRuns: 4000 })
})

test('of the rules that match it is the one with a literal where another has a variable, and of equals the first', () => {
  fc.assert(fc.property(rules, path, (all, asked) => {
    assert.equal(tableOf(all).find(`/${asked}`)?.target, expected(all, asked))
  }), { numRuns: 4000 })
})

test('a path with many segments that may each be two things is found, or not, at once', () => {
  const depth = 12
  const all: string[] = []
  // Every node has a literal way and one by a variable, and none of them ends.
  const grow = (prefix: string, left: number): void => {
    if (left === 0) {
      all.push(`${prefix}/end`)
      return
    }
    grow(`${prefix}/a`, left - 1)
    if (left % 3 === 0) grow(`${prefix}/<x${left}>`, left - 1)
  }
  grow('', depth)
  const table = tableOf(all)
  assert.equal(table.find(`${'/a'.repeat(depth)}/nothing`), undefined)
  assert.equal(table.find(`${'/a'.repeat(depth - 2)}/b/a/end`), undefined)
  assert.equal(table.find(`${'/a'.repeat(depth - 3)}/b/a/a/end`)?.target, `${'/a'.repeat(depth - 3)}/<x3>/a/a/end`)
  assert.equal(table.find(`${'/a'.repeat(depth)}/end`)?.target, `${'/a'.repeat(depth)}/end`)
})

test('prefixes take what is below them, in the order of definition, and say how much of the path they are', () => {
  const table = new RouteTable<string>()
  table.add(new Route<string>('a/own'), 'own')
  table.addPrefix(new Route<string>('a'), 'first')
  table.addPrefix(new Route<string>('<x>/b/'), 'second')
  table.add(new Route<string>('a/<y>'), 'too late')
  const found = (path: string): readonly unknown[] => {
    const { target, length, values } = table.find(path) ?? {}
    return [target, length === undefined ? undefined : path.slice(0, length), values]
  }
  assert.deepEqual(found('/a'), ['first', '/a', []])
  assert.deepEqual(found('/a/'), ['first', '/a', []])
  assert.deepEqual(found('/a/b/c'), ['first', '/a', []])
  assert.deepEqual(found('/a/own'), ['own', '/a/own', []])
  assert.deepEqual(found('/c/b/c'), ['second', '/c/b', ['c']])
  assert.deepEqual(found('/c/b'), ['second', '/c/b', ['c']])
  assert.equal(table.find('/c/d'), undefined)
  assert.equal(table.find('/ab'), undefined)
  assert.equal(table.size, 4)
})

test('of a thousand routes each is found', () => {
  const all = Array.from({ length: 1000 }, (_, index) => `api/thing${index}/<int:id>`)
  const table = tableOf(all)
  all.forEach((one, index) => {
    assert.deepEqual(table.find(`/api/thing${index}/${index}`), { target: one, values: [index], length: `/api/thing${index}/${index}`.length })
  })
})
