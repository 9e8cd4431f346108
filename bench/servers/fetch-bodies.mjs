/** The body routes for servers that speak Request and Response: Hono and Bun. */
import { blocks, hello, mebibyte } from './payloads.mjs'

const octets = { headers: { 'Content-Type': 'application/octet-stream' } }

async function up(request) {
  let count = 0
  for await (const piece of request.body) count += piece.length
  return new Response(String(count), { headers: { 'Content-Type': 'text/plain' } })
}

function stream() {
  let next = 0
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(blocks[next])
      next += 1
      if (next === blocks.length) controller.close()
    },
  })
  return new Response(body, octets)
}

export const fetchRoutes = {
  '/': () => new Response(hello, { headers: { 'Content-Type': 'text/plain' } }),
  '/echo': async (request) => new Response(await request.arrayBuffer(), octets),
  '/up': up,
  '/down': () => new Response(mebibyte, octets),
  '/stream': stream,
}
