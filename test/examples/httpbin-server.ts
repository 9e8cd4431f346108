/** examples/httpbin behind the command, for the tests of its routes. */
import assert from 'node:assert/strict'
import { startCommand } from '../support/start-command.ts'

const server = await startCommand(['examples/httpbin/app.ts', '-b', '127.0.0.1:0', '-w', '0'])

/** What it listens at, without a path. */
export const address: string = server.address

/** What it has logged as errors; a client's mistake is none. */
export function loggedErrors(): string[] {
  return server.stderr().split('\n').filter((line) => line.includes('"level":"error"'))
}

/** Redirects are not followed. */
export function send(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(address + path, { redirect: 'manual', ...init })
}

/** The answer's JSON; that its status is 200 is checked. */
export async function json<T = Record<string, unknown>>(path: string, init?: RequestInit): Promise<T> {
  const response = await send(path, init)
  assert.equal(response.status, 200, path)
  assert.equal(response.headers.get('content-type'), 'application/json', path)
  return await response.json() as T
}

/** The answer's status and one of its fields. */
export async function field(name: string, path: string, init?: RequestInit): Promise<[status: number, value: string | null]> {
  const response = await send(path, init)
  await response.arrayBuffer()
  return [response.status, response.headers.get(name)]
}
