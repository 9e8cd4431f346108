/** `node bench/frameworks.mjs [hono users echo fetch express fastify koa handler ...]`: applications of other kinds, on Pulsar and on the servers they are used with. */
import { isDeepStrictEqual } from 'node:util'
import { server } from './harness/paths.mjs'
import { pulsarCommand } from './harness/peers.mjs'
import { runMain } from './harness/trouble.mjs'
import { compareTwo } from './harness/two-peers.mjs'

const usage = 'node bench/frameworks.mjs [SCENARIO ...] [options]'

const isJson = (wanted) => (body) => isDeepStrictEqual(JSON.parse(body.toString()), wanted)
const onHono = [{ measure: 'cpu', of: 'hono', must: 0.55 }, { measure: 'rps', of: 'hono', must: 1.8 }]
const hello = { load: { connections: 64, path: '/' }, probe: { method: 'GET', path: '/', answer: Buffer.from('Hello World!') } }

const onNode = [{ measure: 'cpu', of: 'node', must: 1 }, { measure: 'rps', of: 'node', must: 1 }]
const users = {
  load: { connections: 64, path: '/users/42' },
  probe: { method: 'GET', path: '/users/42', isRight: isJson({ id: '42', tags: ['a', 'b'] }) },
}
const echo = {
  load: { connections: 64, path: '/echo', script: 'json.lua' },
  probe: { method: 'POST', path: '/echo', type: 'application/json', body: '{"a":1,"b":["c"]}', isRight: isJson({ a: 1, b: ['c'] }) },
}

const scenarios = [
  { name: 'hono', title: 'hono: GET of 12 bytes of text, 64 kept-alive connections', kind: 'hono', ...hello, asks: onHono },
  {
    name: 'users', title: 'users: GET of JSON by Hono, a parameter, a header read and one set by middleware, 64 kept-alive connections', kind: 'hono',
    load: { connections: 64, path: '/users/42' },
    probe: { method: 'GET', path: '/users/42', isRight: isJson({ id: '42', tags: ['a', 'b'] }) },
    asks: onHono,
  },
  {
    name: 'echo', title: 'echo: POST of JSON, parsed and answered by Hono, 64 kept-alive connections', kind: 'hono',
    load: { connections: 64, path: '/echo', script: 'json.lua' },
    probe: { method: 'POST', path: '/echo', type: 'application/json', body: '{"a":1,"b":["c"]}', isRight: isJson({ a: 1, b: ['c'] }) },
    asks: onHono,
  },
  {
    name: 'fetch', title: 'fetch: a handler that answers 12 bytes of text, 64 kept-alive connections', kind: 'fetch', ...hello,
    asks: [{ measure: 'cpu', of: 'srvx', must: 0.33 }, { measure: 'rps', of: 'srvx', must: 3 }],
  },
  { name: 'express', title: 'express: GET of 12 bytes of text by Express 5, 64 kept-alive connections', kind: 'express', ...hello, asks: onNode },
  { name: 'express-users', title: 'express-users: GET of JSON by Express 5, a parameter, a header read and one set', kind: 'express', ...users, asks: onNode },
  { name: 'express-echo', title: 'express-echo: POST of JSON, parsed and answered by Express 5', kind: 'express', ...echo, asks: onNode },
  { name: 'fastify', title: 'fastify: GET of 12 bytes of text by Fastify 5, 64 kept-alive connections', kind: 'fastify', ...hello, asks: onNode },
  { name: 'fastify-users', title: 'fastify-users: GET of JSON by Fastify 5 with a schema, a parameter, a header read and one set', kind: 'fastify', ...users, asks: onNode },
  { name: 'fastify-echo', title: 'fastify-echo: POST of JSON, parsed and answered by Fastify 5', kind: 'fastify', ...echo, asks: onNode },
  { name: 'koa', title: 'koa: GET of 12 bytes of text by Koa 3 behind a middleware', kind: 'koa', ...hello, asks: onNode },
  { name: 'handler', title: 'handler: a function (req, res) that answers 12 bytes of text', kind: 'handler', ...hello, asks: onNode },
]

/** The scenarios' kinds whose application is of the `(req, res)` kind. */
function eachNodeKind(command) {
  return { express: command('express-app'), fastify: command('fastify-app'), koa: command('koa-app'), handler: command('node-handler') }
}

/** A server has the scenarios whose kind it has a command for. */
function peersOf({ node }) {
  return [
    {
      name: 'pulsar', title: 'Pulsar', hono: pulsarCommand(node, 'pulsar-hono'), fetch: pulsarCommand(node, 'fetch-handler'),
      ...eachNodeKind((app) => pulsarCommand(node, app)),
    },
    { name: 'hono', title: '@hono/node-server', hono: [node, server('hono-app-node'), '@PORT@'] },
    { name: 'node', title: 'node:http', ...eachNodeKind((app) => [node, server('app-on-node-http'), app, '@PORT@']) },
    { name: 'srvx', title: 'srvx', fetch: [node, server('srvx-fetch'), '@PORT@'] },
  ]
}

await runMain(() => compareTwo({ usage, scenarios, peersOf }))
