/**
 * The scenarios that wrk drives, as data. `asks` are what Pulsar is held to: `measure` is `cpu` (per request, at most so many
 * times the other's) or `rps` (requests per second, at least so many times the other's); `aim` is wished for, `must` required.
 * `batched`: wrk's percentiles are of whole batches, corrected by the time of one request, and mean nothing: not shown.
 */
import { blocks, hello, mebibyte } from '../servers/payloads.mjs'

const everyone = ['pulsar', 'raw', 'node', 'fastify', 'hono', 'bun']
/** Beside everybody, what no server in JavaScript can be below. */
const withFloor = ['pulsar', 'onread', 'raw', 'node', 'fastify', 'hono', 'bun']
const withBodies = ['pulsar', 'node', 'fastify', 'hono', 'bun']
/** The question that every server of bench/servers/ answers. */
export const helloProbe = { method: 'GET', path: '/', answer: Buffer.from(hello) }

const kibibyte = Buffer.alloc(1024, '0123456789abcdef')

export const scenarios = {
  hello: {
    title: 'hello: GET /, 12 bytes, 64 kept-alive connections',
    kind: 'hello',
    peers: withFloor,
    load: { connections: 64, path: '/' },
    probe: helloProbe,
    asks: [
      { measure: 'cpu', of: 'raw', must: 1.3, aim: 1.1 },
      { measure: 'cpu', of: 'node', must: 0.45, aim: 0.36 },
      { measure: 'cpu', of: 'fastify', must: 0.42, aim: 0.34 },
      { measure: 'cpu', of: 'bun', must: 1.15, aim: 1.0 },
    ],
  },
  pipelined: {
    title: 'pipelined: GET /, 12 bytes, 64 kept-alive connections, 16 requests in one write',
    kind: 'hello',
    peers: everyone,
    load: { connections: 64, path: '/', script: 'pipelined.lua' },
    batched: true,
    probe: helloProbe,
    asks: [{ measure: 'rps', of: 'node', must: 5 }],
  },
  echo: {
    title: 'echo: POST of 1 KiB, answered with the same, 64 connections',
    kind: 'bodies',
    peers: everyone,
    load: { connections: 64, path: '/echo', script: 'echo.lua' },
    probe: { method: 'POST', path: '/echo', body: kibibyte, answer: kibibyte },
    asks: [{ measure: 'rps', of: 'node', must: 2 }],
  },
  down: {
    title: 'down: GET of 1 MiB, 16 connections',
    kind: 'bodies',
    peers: withBodies,
    load: { connections: 16, path: '/down' },
    probe: { method: 'GET', path: '/down', answer: mebibyte },
    asks: [{ measure: 'rps', of: 'node', must: 1 }],
  },
  up: {
    title: 'up: POST of 1 MiB, counted, 16 connections',
    kind: 'bodies',
    peers: withBodies,
    load: { connections: 16, path: '/up', script: 'up.lua' },
    probe: { method: 'POST', path: '/up', body: mebibyte, answer: Buffer.from(String(mebibyte.length)) },
    asks: [{ measure: 'rps', of: 'node', must: 1 }],
  },
  stream: {
    title: 'stream: GET of 64 KiB in 16 blocks, length unknown, 64 connections',
    kind: 'bodies',
    peers: withBodies,
    load: { connections: 64, path: '/stream' },
    probe: { method: 'GET', path: '/stream', answer: Buffer.concat(blocks) },
    asks: [{ measure: 'rps', of: 'node', must: 1 }],
  },
}
