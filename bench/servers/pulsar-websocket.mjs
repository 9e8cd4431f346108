import { PubSub, Router, WsgiHandler, WsgiResponse } from '../../dist/index.js'
import { PubSubWS, WebSocket } from '../../dist/ws/index.js'
import { hello, message } from './payloads.mjs'

const hub = new PubSub()
const site = new Router('/')
site.get('', () => WsgiResponse.text(hello))
site.post('publish', () => {
  hub.publish('all', message)
  return WsgiResponse.text('sent')
})

export default new WsgiHandler([
  new WebSocket('/echo', { onMessage: (ws, text) => ws.write(text) }),
  new WebSocket('/all', new PubSubWS(hub, 'all')),
  site,
])
