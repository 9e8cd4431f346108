/**
 * A chat: rooms, names, what was said before, over a WebSocket; and JSON-RPC for whoever has only something to say.
 *
 *   npx pulsar examples/chat/app.ts -w 4
 *
 * serves it on http://127.0.0.1:8060; all workers are one chat, and with `--pubsub redis://127.0.0.1` all servers are.
 */
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { FileRouter, GZipMiddleware, MediaRouter, pubsub, Router, WsgiHandler, type Environ, type WsgiResponse } from 'pulsar-wsgi'
import { method, MethodTable } from 'pulsar-wsgi/rpc'
import { WebSocket } from 'pulsar-wsgi/ws'
import { z } from 'zod'
import { ChatSocket, sayingRules } from './chat-socket.ts'
import { Chat } from './chat.ts'
import { pageScripts } from './page-scripts.ts'

const directory = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const chat = new Chat(pubsub)

const rpc = new MethodTable({
  message: method({
    params: z.object({ message: sayingRules.text, room: sayingRules.room.default('lobby'), name: sayingRules.name.default('rpc') }),
    parameters: ['message', 'room?', 'name?'],
    text: 'Says something in a room.',
  }, async ({ message, room, name }) => {
    await chat.say({ id: randomUUID(), room, name, text: message })
    return 'OK'
  }),
})

/** Nothing from elsewhere, and no code but the page's own: what people say is text, and stays it. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

function safely(_environ: Environ, response: WsgiResponse): void {
  response.headers.set('Content-Security-Policy', policy)
  response.headers.set('X-Content-Type-Options', 'nosniff')
}

export default new WsgiHandler([
  new WebSocket('/message', new ChatSocket(chat), { maxMessage: 16_384 }),
  new Router('/rpc', { post: rpc }),
  pageScripts('/web', directory('./web')),
  new MediaRouter('assets', directory('./assets')),
  new FileRouter('/', directory('./assets/page.html')),
], [safely, new GZipMiddleware({ minLength: 200 })])
