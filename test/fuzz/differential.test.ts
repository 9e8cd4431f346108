import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, ruleFor } from './differences.ts'
import { differencesIn, fuzz } from './differential.ts'
import { NodeReader } from './node-reader.ts'

/** Always the same streams here, so that a rare one is found by `npm run fuzz` and not by chance; PULSAR_TEST_SEED gives others. */
const seed = Number(process.env.PULSAR_TEST_SEED ?? 20241122)

test('node:http and our parser read generated streams the same way, or differ by a rule of the table', async () => {
  const result = await fuzz({ seed, from: 0, streams: 8000, time: 60_000 })
  const [first] = result.unexplained
  assert.ok(
    first === undefined,
    `seed ${seed}, stream ${first?.stream}: ${first?.difference.what}, ours ${first?.difference.ours}, theirs ${first?.difference.theirs}: ${JSON.stringify(first?.difference.text)}`,
  )
  assert.ok(result.requests > result.streams && result.agreed > result.streams / 2, 'most are read the same way')
  assert.ok(result.agreedRefusals > 0 && result.agreed > result.agreedRefusals, 'some valid, some refused by both')
  assert.ok(result.differences.size >= 10, `differences of many kinds: ${[...result.differences.keys()].join(', ')}`)
})

test('the same seed gives the same streams, wherever a run begins', async () => {
  const whole = await fuzz({ seed, from: 0, streams: 1000, time: 60_000 })
  const [one, other] = [
    await fuzz({ seed, from: 0, streams: 500, time: 60_000 }),
    await fuzz({ seed, from: 500, streams: 500, time: 60_000 }),
  ]
  assert.deepEqual([one.requests + other.requests, one.agreed + other.agreed], [whole.requests, whole.agreed])
})

/** True where the llhttp of this Node is at least that: 9.10 is after 9.4. */
function llhttpIsSince(version: string): boolean {
  const [here, wanted] = [process.versions.llhttp ?? '', version].map((text) => text.split('.').map(Number)) as [
    number[],
    number[],
  ]
  const [major = 0, minor = 0] = here
  return major > (wanted[0] as number) || (major === wanted[0] && minor >= (wanted[1] as number))
}

for (const { name, example, agreedSince } of differences) {
  const gone = agreedSince !== undefined && llhttpIsSince(agreedSince)
  test(`the difference "${name}" is ${gone ? 'gone' : 'there, by its own row'}`, () => {
    const { differences: found } = differencesIn([Buffer.from(example, 'latin1')], new NodeReader())
    assert.deepEqual(
      found.map((difference) => ruleFor(difference)?.name),
      gone ? [] : [name],
    )
  })
}

test('a reading of ours that is wrong has no row', () => {
  const reader = new NodeReader()
  const [difference] = differencesIn([Buffer.from('GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n')], reader).differences
  assert.ok(difference)
  const { their } = difference
  assert.ok(their)
  const good = { ...their, fields: ['Host', 'h'] }
  for (const ours of [
    'repeated-host',
    'bad-host',
    'bad-target',
    'bad-chunk',
    'bad-transfer-encoding',
    'expectation-failed',
    'bad-request-line',
    'bare-lf',
    'bad-field-line',
  ]) {
    assert.equal(ruleFor({ ...difference, ours, their: good, line: 'GET / HTTP/1.1\r\n' })?.name, undefined, ours)
  }
  for (const what of ['body', 'method', 'target', 'version', 'end'] as const)
    assert.equal(ruleFor({ ...difference, what })?.name, undefined, what)
})
