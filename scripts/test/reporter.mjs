// A node:test reporter for scripts/test.mjs: one line of JSON per test that ended.
import { inspect } from 'node:util'

export default async function * (source) {
  for await (const { type, data } of source) {
    const test = type === 'test:diagnostic' ? note(data) : type === 'test:pass' || type === 'test:fail' ? ended(type, data) : null
    if (test) yield `${JSON.stringify(test)}\n`
  }
}

/** What happened outside of any test is told as a diagnostic only. */
function note({ message }) {
  return /^(Error|Warning):/.test(message) ? { name: 'outside of the tests', outcome: 'noted', detail: message } : null
}

function ended(type, data) {
  const { name, skip, todo, details } = data
  const not = skip ?? todo
  if (not !== undefined && not !== false) return { name, outcome: 'skipped', detail: reason(not, todo) }
  if (type === 'test:pass') return details.type === 'suite' ? null : { name, outcome: 'passed' }
  // Whose subtests failed is not one more failure.
  return details.error?.failureType === 'subtestsFailed' ? null : { name, outcome: 'failed', detail: describe(details.error) }
}

function reason(text, todo) {
  return typeof text === 'string' && text ? text : todo ? 'to be done' : 'no reason given'
}

/** node:test wraps what was thrown. */
function describe(error) {
  return inspect(error?.cause ?? error, { depth: 4, breakLength: 130 })
}
