/** Hono, with its middleware, answers on Pulsar what it answers on @hono/node-server: the same requests to both. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { projectRoot } from '../../support/project.ts'
import { RawClient, type RawResponse } from '../../support/raw-client.ts'
import { startCommand, type RunningCommand } from '../../support/start-command.ts'

const fixture = (name: string): string => join(projectRoot, 'test', 'gateway', 'adapters', 'fixtures', name)

interface Asked {
  readonly method?: string
  readonly path: string
  readonly fields?: readonly string[]
  readonly body?: string
}

const multipart = ['--b', 'Content-Disposition: form-data; name="a"', '', '1', '--b', 'Content-Disposition: form-data; name="f"; filename="x.txt"', 'Content-Type: text/x', '', 'content', '--b--', ''].join('\r\n')
const json = 'Content-Type: application/json'
const form = 'Content-Type: application/x-www-form-urlencoded'

const requests: readonly Asked[] = [
  ...['/', '/json', '/json?pretty', '/html', '/users/42?a=b&x=1&x=2', '/users/abc', '/headers', '/url', '/url?a=%20b&c', '/redirect', '/moved', '/empty', '/not-modified',
    '/status', '/throws', '/rejects', '/cookies', '/late', '/replaced', '/missing', '/missing/', '/%E2%82%AC', '/a%2Fb', '/any', '/cors/x', '/etag', '/secure', '/auth',
    '/stream', '/stream-text', '/sse', '/stream-fails', '/wait', '/proxy/json', '/proxy/missing', '/handed-on/users/7?x=y', '/mounted/deep/path', '/mounted', '/sub/base/x',
  ].map((path) => ({ path })),
  { path: '/headers', fields: ['X-Twice: 1', 'X-Twice: 2', 'Cookie: a=1', 'X-Latin: \xe9', 'Empty:'] },
  { path: '/cookies', fields: ['Cookie: b=2; c=3'] },
  { path: '/etag', fields: ['If-None-Match: "b4ce4e58f6aa2a7bf9d8cf5a1d3c9e6f4f9d5a4e"'] },
  { path: '/compress', fields: ['Accept-Encoding: gzip'] },
  { path: '/compress' },
  { path: '/auth', fields: ['Authorization: Basic dTpw'] },
  { path: '/id', fields: ['X-Request-Id: given'] },
  { path: '/cors/x', fields: ['Origin: https://a.example'] },
  { method: 'OPTIONS', path: '/cors/x', fields: ['Origin: https://a.example', 'Access-Control-Request-Method: PUT'] },
  ...['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => ({ method, path: '/any' })),
  ...['/', '/json', '/late', '/stream', '/missing'].map((path) => ({ method: 'HEAD', path })),
  { method: 'POST', path: '/text', body: 'h\xc3\xa9llo' },
  { method: 'POST', path: '/text', body: '' },
  { method: 'POST', path: '/echo', body: '{"a":[1,"\xc3\xa9"]}', fields: [json] },
  { method: 'POST', path: '/echo', body: '{broken', fields: [json] },
  { method: 'POST', path: '/twice', body: '{"a":1}', fields: [json] },
  { method: 'POST', path: '/bytes', body: '\x00\xff\x80' },
  { method: 'POST', path: '/blob', body: 'abc', fields: ['Content-Type: a/b'] },
  { method: 'POST', path: '/pipe', body: 'x'.repeat(100_000) },
  { method: 'POST', path: '/form', body: 'a=1&b=2&b=3', fields: [form] },
  { method: 'POST', path: '/form', body: multipart, fields: ['Content-Type: multipart/form-data; boundary=b'] },
  { method: 'POST', path: '/valid', body: '{"name":"n"}', fields: [json] },
  { method: 'POST', path: '/valid', body: '{"name":1}', fields: [json] },
  { method: 'POST', path: '/limited', body: 'short' },
  { method: 'POST', path: '/limited', body: 'much too long' },
  { method: 'POST', path: '/override', body: '_method=DELETE', fields: [form] },
  { method: 'POST', path: '/csrf', body: 'a=1', fields: [form, 'Origin: https://evil.example'] },
  { method: 'POST', path: '/csrf', body: '{}', fields: [json] },
  { method: 'POST', path: '/proxy/echo', body: '{"p":1}', fields: [json] },
  { method: 'POST', path: '/handed-on/text', body: 'handed on' },
]

/** Where a handler names no type for a stream or for bytes, nothing is said here; @hono/node-server says `text/plain`. */
const untyped: ReadonlySet<string> = new Set(['/stream', '/stream-fails', '/pipe'])
const TEXT = 'content-type: text/plain;charset=UTF-8'

/** Of the connection and the moment, and how the end of the body is told: the server's own business. */
const servers = new Set(['date', 'connection', 'keep-alive', 'server', 'transfer-encoding', 'content-length'])

async function answer(server: RunningCommand, { method = 'GET', path, fields = [], body }: Asked): Promise<RawResponse> {
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`]
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${new URL(server.address).host}`, ...fields, ...length, '', '']
  await using client = await RawClient.connect(server.address)
  await client.send(lines.join('\r\n') + (body ?? ''))
  return await client.finalResponse(method)
}

/** What a client makes of an answer, without the port of the server that gave it. */
async function seen(server: RunningCommand, asked: Asked): Promise<{ status: number, fields: string[], body: string }> {
  const { status, fields, body } = await answer(server, asked)
  const { host } = new URL(server.address)
  // RFC 9110 section 5.6.6: the same with and without a space.
  const listed = fields.map(([name, value]) => `${name.toLowerCase()}: ${value.replaceAll(host, 'HOST').replace('; charset', ';charset')}`)
    .filter((line) => !servers.has(line.slice(0, line.indexOf(':')))).sort()
  const content = listed.includes('content-encoding: gzip') ? gunzipSync(body) : body
  return { status, fields: listed, body: content.toString('latin1').replaceAll(host, 'HOST') }
}

describe('Hono on Pulsar and on @hono/node-server', () => {
  let pulsar: RunningCommand
  let node: RunningCommand
  before(async () => {
    [pulsar, node] = await Promise.all([
      startCommand(['-w', '0', '-b', '127.0.0.1:0', '--log-level', 'info', fixture('hono-app.mjs')]),
      startCommand([], { program: [process.execPath, fixture('hono-on-node.mjs')] }),
    ])
  })
  after(() => Promise.all([pulsar?.stop(), node?.stop()]))

  for (const asked of requests) {
    const { method = 'GET', path, fields = [], body = '' } = asked
    test(`give the same answer to ${[`${method} ${path}`, ...fields, JSON.stringify(body).slice(0, 40)].join(' ')}`, async () => {
      const [onPulsar, onNode] = await Promise.all([seen(pulsar, asked), seen(node, asked)])
      if (untyped.has(path)) {
        assert.ok(!onPulsar.fields.includes(TEXT) && onNode.fields.includes(TEXT))
        onPulsar.fields.unshift(TEXT)
      }
      assert.deepEqual(onPulsar, onNode)
    })
  }
})
