/** PEP 3333's rules, the same cases on each way to a Python application, and on gunicorn where the PEP leaves no choice. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { BadResponse, RawClient, request, valuesOf, type RawResponse } from '../../support/raw-client.ts'
import type { RunningCommand } from '../../support/start-command.ts'
import { eventually } from '../../support/workers.ts'
import { bodyCases } from './body-cases.ts'
import type { Answer, Case } from './case.ts'
import { endingCases } from './ending-cases.ts'
import { environCases } from './environ-cases.ts'
import { inputCases } from './input-cases.ts'
import { startResponseCases } from './start-response-cases.ts'
import { makeDirectory, type Way } from './ways.ts'

const cases: readonly Case[] = [...environCases, ...inputCases, ...startResponseCases, ...bodyCases, ...endingCases]
const scratch = mkdtempSync(join(tmpdir(), 'pulsar-contract-'))
after(() => { rmSync(scratch, { recursive: true, force: true }) })

/** Declares a test for each case, bare and validated. Names of tests have the way in them: reports show no suites. */
export function contractOn(way: Way): void {
  describe(way.name, { skip: way.skip() }, () => {
    let server: RunningCommand
    before(async () => {
      const sources = Object.fromEntries(cases.map(({ name, application }) => [name, application]))
      assert.equal(Object.keys(sources).length, cases.length, 'every case has a name of its own')
      server = await way.start(makeDirectory(sources))
    })
    after(() => server?.stop())
    for (const one of cases) {
      if (!way.isPulsar && one.withoutGunicorn !== undefined) continue
      test(`${one.name} (${way.name})`, () => run(one, way, server, ''))
      if (one.bare === undefined) test(`${one.name} (${way.name}, validated)`, () => run(one, way, server, 'X-Validated: yes\r\n'))
    }
  })
}

/** What a case that failed had noted is not the next one's. */
async function run(one: Case, way: Way, server: RunningCommand, validated: string): Promise<void> {
  try {
    await runCase(one, way, server, validated)
  } catch (error) {
    await newEvents(server).catch(() => []) // a server that is gone is what the error tells of
    throw error
  }
}

async function runCase(one: Case, way: Way, server: RunningCommand, validated: string): Promise<void> {
  const before = server.stderr().length
  const file = join(scratch, `${way.name}-${cases.indexOf(one)}-${validated.length}`)
  // A native string: its characters are the bytes of the name in UTF-8.
  const name = Buffer.from(one.name).toString('latin1')
  const lines = `Host: a.example\r\nX-Case: ${name}\r\nX-Go: ${file}\r\n${validated}`
  await using client = await RawClient.connect(server.address)
  if (one.talk) {
    await one.talk({ client, lines, go: () => writeFileSync(file, '') })
  } else {
    await client.send(`${one.request ?? 'GET / HTTP/1.1'}\r\n${lines}\r\n`, ...one.body ?? [])
    const method = one.request?.split(' ', 1)[0] ?? 'GET'
    if (one.answer?.cut) await checkCut(client, one.answer)
    else {
      const response = await client.finalResponse(method)
      for (const answer of [one.answer, way.isPulsar ? one.onPulsar : undefined]) if (answer) check(response, answer)
    }
  }
  client.destroy() // a server of one process may wait for that before it takes the next
  await checkEvents(server, one.events ?? [])
  const log = one.log
  if (log && way.isPulsar) await eventually(() => log.test(server.stderr().slice(before)), () => `${log} in\n${server.stderr().slice(before)}`)
}

function check(response: RawResponse, { status, reason, fields = {}, body }: Answer): void {
  assert.equal(response.status, status, response.body.toString('latin1').slice(0, 2000))
  if (reason !== undefined) assert.equal(response.reason, reason)
  for (const [name, values] of Object.entries(fields)) {
    assert.deepEqual(valuesOf(response, name), values, name)
    if (values.length > 0) assert.ok(response.fields.some(([own]) => own === name), `${name} keeps its case`)
  }
  // Not by assert.equal, whose message would show megabytes.
  if (body !== undefined && response.body.toString('latin1') !== body) {
    assert.fail(`the body is ${response.body.toString('latin1').slice(0, 500)}, not ${body.slice(0, 500)}`)
  }
}

async function checkCut(client: RawClient, { status, body = '' }: Answer): Promise<void> {
  await assert.rejects(client.finalResponse(), BadResponse)
  const received = client.received().toString('latin1')
  assert.ok(received.startsWith(`HTTP/1.1 ${status} `), received)
  assert.ok(received.includes(body), received)
}

/** An application may note something only after its client has all. */
async function checkEvents(server: RunningCommand, events: readonly unknown[]): Promise<void> {
  const noted: unknown[] = []
  await eventually(async () => noted.push(...await newEvents(server)) >= events.length,
    () => `${JSON.stringify(events)}; noted ${JSON.stringify(noted)}`)
  assert.deepEqual(noted, events)
}

async function newEvents(server: RunningCommand): Promise<unknown[]> {
  const lines = 'Host: a\r\nX-Case: events\r\nConnection: close\r\n'
  const { body } = await request(server.address, `GET / HTTP/1.1\r\n${lines}\r\n`)
  return JSON.parse(body.toString()) as unknown[]
}
