/** Express, Koa and Fastify with their middleware: the same requests to them on node:http and on Pulsar, the answers compared. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { fromNode, type NodeApplication, type NodeHandler } from '../../src/gateway/adapters/index.ts'
import { comparable } from '../support/node-twins.ts'
import { projectRoot } from '../support/project.ts'
import { RawClient, valuesOf, type RawResponse } from '../support/raw-client.ts'
import { ServedApplication } from '../support/served-application.ts'

interface Applications {
  expressApplication(log: (line: string) => void): NodeApplication
  koaApplication(): NodeApplication
  fastifyApplication(): NodeApplication
}

const applications = pathToFileURL(join(projectRoot, 'test', 'frameworks', 'applications.mjs')).href
const { expressApplication, koaApplication, fastifyApplication } = await import(applications) as Applications

interface FastifyLike { readonly server: Server, ready(): Promise<unknown>, close(): Promise<unknown> }

async function onNode(application: NodeApplication, talk: (port: number) => Promise<unknown>): Promise<unknown> {
  const fastify = application as unknown as FastifyLike
  const koa = application as unknown as { callback(): NodeHandler }
  if (typeof fastify.ready === 'function') await fastify.ready()
  const server = typeof fastify.ready === 'function' ? fastify.server : createServer(typeof koa.callback === 'function' ? koa.callback() : application as NodeHandler)
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    return await talk((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function onPulsar(application: NodeApplication, talk: (port: number) => Promise<unknown>): Promise<unknown> {
  await using served = await ServedApplication.start(fromNode(application))
  const said = await talk(served.port)
  assert.deepEqual(served.errors, [])
  return said
}

/** All requests on one connection, in turn; the same on the other server. */
async function compare(t: TestContext, make: (log: (line: string) => void) => NodeApplication, requests: readonly string[]): Promise<void> {
  const logs: string[][] = [[], []]
  const talk = async (port: number): Promise<RawResponse[]> => {
    const responses: RawResponse[] = []
    let client = await RawClient.connect(port)
    for (const request of requests) {
      if (client.ended) client = await RawClient.connect(port)
      await client.send(request)
      responses.push(await client.finalResponse(request.split(' ', 1)[0]))
      if (valuesOf(responses.at(-1) as RawResponse, 'connection').some((value) => /close/i.test(value))) {
        client.destroy()
        client = await RawClient.connect(port)
      }
    }
    client.destroy()
    return responses
  }
  const expected = await onNode(make((line) => logs[0]?.push(line)), talk) as RawResponse[]
  const actual = await onPulsar(make((line) => logs[1]?.push(line)), talk) as RawResponse[]
  for (const [i, request] of requests.entries()) {
    await t.test(JSON.stringify(request.slice(0, 60)), () => {
      assert.deepEqual(shown(actual[i] as RawResponse), shown(expected[i] as RawResponse))
    })
  }
  await t.test('what was logged', () => assert.deepEqual(logs[1], logs[0]))
}

/** Compressed bodies may be cut into blocks elsewhere. */
function shown(response: RawResponse): unknown {
  const compressed = valuesOf(response, 'content-encoding').includes('gzip')
  const { body, ...rest } = comparable(response, 'content') as { body: string }
  const plain = compressed ? gunzipSync(response.body).toString('latin1') : body
  // A stack has the way it came by.
  return { ...rest, body: plain.replace(/ &nbsp; &nbsp;at [^]*<\/pre>/, '') }
}

const get = (path: string, ...lines: string[]): string => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
const post = (path: string, type: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: a.example\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`
const form = ['--cut', 'Content-Disposition: form-data; name="word"', '', 'a', '--cut', 'Content-Disposition: form-data; name="file"; filename="f.txt"',
  'Content-Type: text/plain', '', 'content '.repeat(5000), '--cut--', ''].join('\r\n')

describe('behaves as on node:http', () => {
  test('Express 5', async (t) => {
    await compare(t, expressApplication, [
      get('/'), get('/json?a=1&b=2&b=3'), get('/users/5'), get('/large'), get('/large', 'Accept-Encoding: gzip'), get('/stream'),
      get('/stream', 'Accept-Encoding: gzip'), get('/file'), get('/file', 'Range: bytes=5-9'),
      get('/file', 'Range: bytes=99999999-'),
      get('/static/LICENSE'), get('/static/nowhere'), get('/static/'), get('/redirect'), get('/format', 'Accept: text/html'),
      get('/format', 'Accept: image/png'),
      get('/hints'), get('/no-content'), get('/not-modified'), get('/not-modified', 'If-None-Match: "fixed"'), get('/throws'),
      get('/rejects'), get('/nowhere'),
      get('/users/%zz'), get('/private'), get('/private', 'Authorization: Bearer right'), get('/session/views'),
      get('/session/views', 'Cookie: sid=s%3Afixed.nothing'),
      'HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n', 'HEAD /large HTTP/1.1\r\nHost: a.example\r\n\r\n',
      'OPTIONS /echo HTTP/1.1\r\nHost: a.example\r\n\r\n',
      'DELETE / HTTP/1.1\r\nHost: a.example\r\n\r\n', 'GET / HTTP/1.0\r\nHost: a.example\r\n\r\n',
      post('/echo', 'application/json', '{"a":[1,"\xc3\xa9"]}'), post('/echo', 'application/json', '{wrong'),
      post('/echo', 'application/x-www-form-urlencoded', 'a=1&b[c]=2'),
      post('/echo', 'text/plain', 'plain'), post('/echo', 'application/octet-stream', '\x00\xff'),
      post('/echo', 'application/json', `"${'x'.repeat(150_000)}"`),
      'POST /echo HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
      post('/upload', 'multipart/form-data; boundary=cut', form),
      post('/upload', 'multipart/form-data; boundary=cut', '--cut\r\nbroken'), post('/', 'text/plain', 'unwanted'),
    ])
  })

  test('Koa 3', async (t) => {
    await compare(t, koaApplication, [
      get('/'), get('/json?a=1'), get('/stream'), get('/buffer'), get('/none'), get('/null'),
      get('/cookies', 'Cookie: given=x'), get('/throws'), get('/refuses'),
      get('/nowhere'), post('/echo', 'text/plain', 'content'), 'HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n',
      'HEAD /stream HTTP/1.1\r\nHost: a.example\r\n\r\n', get('/'),
    ])
  })

  test('Fastify 5', async (t) => {
    await compare(t, fastifyApplication, [
      get('/'), get('/json?a=1'), get('/users/5'), get('/stream'), get('/redirect'), get('/throws'), get('/none'), get('/raw'),
      get('/async-iterator'), get('/nowhere'),
      post('/echo', 'application/json', '{"a":1}'), post('/echo', 'application/json', '{wrong'),
      post('/echo', 'text/strange', 'x'), post('/echo', 'text/plain', 'plain'),
      post('/echo', 'application/json', `"${'x'.repeat(20_000)}"`), 'HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n',
      'POST /echo HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n',
      get('/'),
    ])
  })
})
