/** Bodies that come in pieces, late, or in part. */
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import { WsgiResponse, type Router, type WsgiRequest } from 'pulsar-wsgi'
import { queryNumber } from './query-number.ts'
import { randomBytes } from './random-bytes.ts'
import { bodyFacts, requestFacts } from './request-facts.ts'

const KiB = 1024
const longest = 100 * KiB
const clip = fileURLToPath(new URL('./assets/clip.webp', import.meta.url))

export function addStreams(router: Router): void {
  router.get('stream/<int:lines>', (request, { lines }) =>
    new WsgiResponse({ content: jsonLines(request, Math.min(lines, 100)), contentType: 'application/json' }),
  { defaults: { lines: 5 }, parameters: { title: 'So many lines of JSON, at most 100' } })

  router.get('stream/<int(min=1, max=1048576):size>/<int(min=1, max=1000):times>', (_request, { size, times }) =>
    WsgiResponse.text(repeated(Buffer.alloc(size, 'd'), times)),
  { defaults: { size: 300, times: 20 }, parameters: { title: 'So many chunks of that size' } })

  router.get('stream-bytes/<int:size>', (request, { size }) =>
    new WsgiResponse({ content: randomPieces(request, Math.min(size, longest)), contentType: 'application/octet-stream' }),
  { defaults: { size: 4096 }, parameters: { title: 'Random bytes in chunks of ?chunk_size=; the same for the same ?seed=', query: 'chunk_size=512' } })

  router.get('bytes/<int:size>', (request, { size }) => seeded(request)(Math.min(size, longest)),
    { defaults: { size: 1024 }, parameters: { title: 'So many random bytes, at most 100 KiB; the same for the same ?seed=', query: 'seed=7' } })

  router.get('getsize/<int(min=1, max=8388608):size>', (_request, { size }) => ({ size, data: 'd'.repeat(size) }),
    { defaults: { size: 150_000 }, parameters: { title: 'JSON with a text of that size' } })

  router.get('clip/<int(min=256, max=16777216):size>', (_request, { size }) =>
    new WsgiResponse({ content: createReadStream(clip, { highWaterMark: size }), contentType: 'image/webp' }),
  { defaults: { size: 4096 }, parameters: { title: 'A moving picture, read in chunks of that size' } })

  router.get('drip', drip, { parameters: { title: 'A few bytes over a while', query: 'numbytes=5&duration=1' } })
}

export function addDelays(router: Router): void {
  const delayed = async (request: WsgiRequest<unknown>, seconds: number) => {
    await setTimeout(Math.min(seconds, 10) * 1000)
    return { ...requestFacts(request), ...await bodyFacts(request) }
  }
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
  const parameters = (seconds: number, title: string) => ({ defaults: { seconds }, parameters: { title } })
  router.on(methods, 'delay/<int:seconds>', (request, { seconds }) => delayed(request, seconds), parameters(1, 'The request, after so many seconds, at most ten'))
  router.on(methods, 'delay/<float:seconds>', (request, { seconds }) => delayed(request, seconds), parameters(0.5, 'Or after parts of one'))
}

function* jsonLines(request: WsgiRequest<unknown>, lines: number): Generator<string> {
  const facts = requestFacts(request)
  for (let id = 0; id < lines; id++) yield `${JSON.stringify({ id, ...facts })}\n`
}

function* repeated(chunk: Buffer, times: number): Generator<Buffer> {
  for (let i = 0; i < times; i++) yield chunk
}

/** Not a generator itself: what is wrong with the query is to be known before the answer begins. */
function randomPieces(request: WsgiRequest<unknown>, length: number): Iterable<Buffer> {
  const size = Math.trunc(queryNumber(request, 'chunk_size', { least: 1, most: longest, otherwise: 10 * KiB }))
  return pieces(seeded(request), length, size)
}

function* pieces(next: (length: number) => Buffer, length: number, size: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= size) yield next(Math.min(size, left))
}

function seeded(request: WsgiRequest<unknown>): (length: number) => Buffer {
  return request.query.has('seed') ? randomBytes(queryNumber(request, 'seed', { least: 0, most: 2 ** 32 - 1, otherwise: 0 })) : randomBytes()
}

async function drip(request: WsgiRequest<unknown>): Promise<WsgiResponse> {
  const bytes = Math.trunc(queryNumber(request, 'numbytes', { least: 1, most: 10 * KiB * KiB, otherwise: 10 }))
  const duration = queryNumber(request, 'duration', { least: 0, most: 10, otherwise: 2 })
  const status = Math.trunc(queryNumber(request, 'code', { least: 200, most: 599, otherwise: 200 }))
  await setTimeout(queryNumber(request, 'delay', { least: 0, most: 10, otherwise: 0 }) * 1000)
  return new WsgiResponse({
    status, content: dripping(bytes, duration), contentType: 'application/octet-stream', headers: [['Content-Length', String(bytes)]],
  })
}

/** At most a hundred pieces a second: no client sees a difference. */
async function* dripping(bytes: number, seconds: number): AsyncGenerator<Buffer> {
  const steps = Math.max(1, Math.min(bytes, Math.round(seconds * 100)))
  for (let step = 0; step < steps; step++) {
    if (seconds > 0) await setTimeout(seconds * 1000 / steps)
    yield Buffer.alloc(Math.floor((step + 1) * bytes / steps) - Math.floor(step * bytes / steps), '*')
  }
}
