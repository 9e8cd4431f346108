/** A graph that moves: a page, and the WebSocket that it draws from. */
import { Html, HtmlDocument, type Router, type WsgiRequest, type WsgiResponse } from 'pulsar-wsgi'
import { WebSocket, type WebSocketConnection } from 'pulsar-wsgi/ws'
import { policy } from './start-page.ts'

const POINTS = 100

/** Each message is answered with a hundred points: `[[0, 0.17], [1, 0.92], ...]`. */
export const graphData = new WebSocket('/graph-data', { onMessage: (ws: WebSocketConnection) => ws.write(JSON.stringify(randomPoints())) }, { maxMessage: 1024 })

export function addGraph(router: Router): void {
  router.get('websocket', graphPage, { parameters: { title: 'A graph of what /graph-data, a WebSocket, answers' } })
}

function randomPoints(): [x: number, y: number][] {
  return Array.from({ length: POINTS }, (_, x) => [x, Number(Math.random().toFixed(4))])
}

function graphPage(request: WsgiRequest): WsgiResponse {
  const document = new HtmlDocument({ title: 'Graph · httpbin on Pulsar', mediaPath: 'media/', attributes: { lang: 'en' } })
  document.head.addMeta({ name: 'viewport', content: 'width=device-width, initial-scale=1' })
  document.head.addMeta({ name: 'color-scheme', content: 'light dark' })
  document.head.links.append('httpbin.css')
  document.head.links.append('pulsar.svg', { rel: 'icon', type: 'image/svg+xml' })
  document.head.scripts.append('graph.js', { type: 'module' })
  document.body.append(new Html('main', { cn: 'graph' },
    new Html('p', new Html('a', { href: './' }, 'All routes')),
    new Html('h1', 'A graph by WebSocket'),
    new Html('p', { id: 'state', role: 'status' }, 'Connecting'),
    new Html('svg', { viewBox: '0 0 600 240', role: 'img', 'aria-label': 'A hundred random points', preserveAspectRatio: 'none' }, new Html('polyline')),
    new Html('button', { type: 'button', id: 'run', 'aria-pressed': 'true' }, 'Pause')))
  const response = document.httpResponse(request)
  response.headers.set('Content-Security-Policy', policy)
  return response
}
