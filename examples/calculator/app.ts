/**
 * A calculator behind JSON-RPC, over HTTP and over a WebSocket, with a page that calls it.
 *
 *   npx pulsar examples/calculator/app.ts
 *
 * serves it on http://127.0.0.1:8060; client.ts calls it from a script.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FileRouter, GZipMiddleware, MediaRouter, Router, WsgiHandler } from 'pulsar-wsgi'
import { rpcSocket } from 'pulsar-wsgi/rpc'
import { WebSocket } from 'pulsar-wsgi/ws'
import { calc, Root } from './methods.ts'

const assets = fileURLToPath(new URL('./assets', import.meta.url))
// The client of the package, as it is: browsers need no bundler for it.
const client = dirname(fileURLToPath(import.meta.resolve('pulsar-wsgi/rpc/client')))
const root = new Root({ calc }, { title: 'Calculator' })

export default new WsgiHandler([
  new WebSocket('/socket', rpcSocket(root)),
  new Router('/rpc', { post: root }),
  new MediaRouter('client', client),
  new MediaRouter('assets', assets),
  new FileRouter('/', `${assets}/page.html`),
], [new GZipMiddleware({ minLength: 200 })])
