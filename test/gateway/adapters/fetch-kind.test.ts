/** Fetch handlers do what every kind of application does. */
import { fromFetch, type FetchHandler } from '../../../src/gateway/adapters/index.ts'
import { testKind, type Specimen } from '../../support/kind-contract.ts'

const error = (): Error => new Error('specimen error')

function specimen(): Specimen {
  let release!: () => void
  const released = new Promise<void>((resolve) => { release = resolve })
  let tell!: () => void
  const gone = new Promise<void>((resolve) => { tell = resolve })
  let made = 0

  const routes: Readonly<Record<string, FetchHandler>> = {
    '/hello': () => new Response('hello', { headers: { 'X-Kind': 'specimen' } }),
    '/echo': (request) => new Response(request.body, { headers: { 'Content-Type': 'application/octet-stream' } }),
    '/count': async (request) => {
      let count = 0
      for await (const block of request.body ?? []) count += (block as Uint8Array).length
      return new Response(String(count))
    },
    '/seen': (request) => {
      const { pathname, search } = new URL(request.url)
      return Response.json({ method: request.method, url: pathname + search, fields: Object.fromEntries(request.headers) })
    },
    '/cookies': () => new Response('', { headers: [['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2; Path=/']] }),
    '/parts': () => new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('one'))
        await released
        controller.enqueue(Buffer.from('two'))
        controller.close()
      },
    })),
    '/large': (request) => {
      const blocks = Number(new URL(request.url).searchParams.get('blocks'))
      return new Response(new ReadableStream({
        pull(controller) {
          if (made++ < blocks) controller.enqueue(new Uint8Array(65_536))
          if (made < blocks) return
          made = blocks
          controller.close()
        },
      }))
    },
    '/throws': () => { throw error() },
    '/rejects': () => Promise.reject(error()),
    '/breaks': () => new Response(new ReadableStream({
      pull(controller) {
        if (made++ === 0) controller.enqueue(Buffer.from('first'))
        else controller.error(error())
      },
    })),
    '/waits': ({ signal }) => new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        tell()
        reject(signal.reason as Error)
      })
    }),
    '/endless': () => new Response(new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('first')),
      cancel: () => tell(),
    })),
    '/injects': () => new Response('', { headers: { 'X-Bad': 'a\r\nInjected: yes' } }),
    '/hints': (_request, { pulsar }) => {
      pulsar.informational('103 Early Hints', [['Link', '</a.css>; rel=preload']])
      return new Response('hinted')
    },
  }

  const handler: FetchHandler = (request, env, context) => {
    const { pathname } = new URL(request.url)
    const status = /^\/status\/(\d+)$/.exec(pathname)?.[1]
    if (status !== undefined) return new Response(null, { status: Number(status) })
    return (routes[pathname] as FetchHandler)(request, env, context)
  }
  return { application: fromFetch(handler), release, gone, get made() { return made } }
}

testKind('a fetch handler', specimen)
