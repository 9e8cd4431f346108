/** examples/express, koa, fastify and together, as their READMEs say. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { stopQuietly, withoutPackage } from '../support/frameworks.ts'
import { projectRoot } from '../support/project.ts'
import { pythonEnvironment } from '../support/python-environment.ts'
import { startCommand, type RunningCommand } from '../support/start-command.ts'

const serve = (example: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunningCommand> =>
  startCommand(['-b', '127.0.0.1:0', ...args], { cwd: join(projectRoot, 'examples', example), env })

const note = (text: unknown): RequestInit => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text }) })

async function tryNotes(base: string): Promise<void> {
  const live = await fetch(`${base}/notes/live`)
  assert.match(live.headers.get('content-type') ?? '', /^text\/event-stream/)
  const reader = (live.body as ReadableStream<Uint8Array>).getReader()
  const made = await fetch(`${base}/notes`, note('buy tea'))
  assert.deepEqual([made.status, made.headers.get('location'), await made.json()], [201, '/notes/1', { id: 1, text: 'buy tea' }])
  assert.equal(new TextDecoder().decode((await reader.read()).value), 'data: {"id":1,"text":"buy tea"}\n\n')
  await reader.cancel()
  assert.deepEqual(await (await fetch(`${base}/notes`)).json(), [{ id: 1, text: 'buy tea' }])
  assert.equal((await fetch(`${base}/notes/1`)).status, 200)
  assert.equal((await fetch(`${base}/notes/2`)).status, 404)
  assert.equal((await fetch(`${base}/notes`, note(5))).status, 422)
}

async function tryShort(base: string): Promise<void> {
  const put = await fetch(`${base}/rfc`, { method: 'PUT', body: 'https://rfc.example/' })
  assert.deepEqual([put.status, await put.text()], [201, 'rfc is https://rfc.example/\n'])
  assert.match(put.headers.get('server-timing') ?? '', /^app;dur=/)
  const redirect = await fetch(`${base}/rfc`, { redirect: 'manual' })
  assert.deepEqual([redirect.status, redirect.headers.get('location')], [302, 'https://rfc.example/'])
  assert.equal((await fetch(`${base}/x`, { method: 'PUT', body: 'none' })).status, 422)
}

async function tryLengths(base: string): Promise<void> {
  assert.deepEqual(await (await fetch(`${base}/lengths?value=2&from=km&to=m`)).json(), { value: 2000, unit: 'm' })
  assert.equal((await fetch(`${base}/lengths?value=2&from=km&to=inch`)).status, 400)
}

test('notes by Express', async () => {
  const server = await serve('express', ['app.ts'])
  await tryNotes(server.address)
  assert.match(server.stdout(), /notes on http:\/\/localhost:3000/)
  await stopQuietly(server)
})

test('short addresses by Koa', async () => {
  const server = await serve('koa', ['app.ts'])
  await tryShort(server.address)
  assert.equal((await fetch(`${server.address}/nothing`)).status, 404)
  await stopQuietly(server)
})

test('conversions by Fastify, made ready and closed', async () => {
  const server = await serve('fastify', ['app.ts', '-w', '2'])
  await tryLengths(server.address)
  await stopQuietly(server)
  assert.equal(server.stdout().match(/^ready$/gm)?.length, 2)
  assert.equal(server.stdout().match(/^closed$/gm)?.length, 2)
})

test('all of them and Flask in one server', { skip: withoutPackage('flask', '2.0') }, async () => {
  const server = await serve('together', ['-w', '1', '--python-workers', '1'], { VIRTUAL_ENV: pythonEnvironment().directory })
  const base = server.address
  const page = await (await fetch(`${base}/`)).text()
  assert.match(page, /<h1>Together<\/h1>/)
  assert.equal(page.match(/<li>/g)?.length, 5)
  await tryNotes(`${base}/notes-api`)
  await tryShort(`${base}/short`)
  await tryLengths(`${base}/convert`)
  const edge = await (await fetch(`${base}/edge/`, { headers: { 'User-Agent': 'tests' } })).json()
  assert.deepEqual(edge, { agent: 'tests', path: '/' })
  const status = await (await fetch(`${base}/status`)).json() as { mountedAt: string }
  assert.equal(status.mountedAt, '/status')
  assert.equal((await fetch(`${base}/nowhere`)).status, 404)
  await stopQuietly(server)
})
