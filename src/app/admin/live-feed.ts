/** The dashboard's WebSocket: all that there is when a page opens, then what is new each second. */
import type { Settings } from '../../config/settings.ts'
import type { Events } from '../../events.ts'
import type { Gateway } from '../../gateway/exchange.ts'
import { wsgiGateway } from '../../gateway/wsgi-gateway.ts'
import { PROTOCOL } from '../../observe/admin/access.ts'
import type { Control } from '../../observe/admin/control.ts'
import type { Sample } from '../../observe/admin/status.ts'
import { WsgiHandler } from '../../web/wsgi-handler.ts'
import type { WebSocketConnection, WebSocketHandler } from '../../ws/connection.ts'
import { WebSocket } from '../../ws/websocket.ts'

export class LiveFeed implements WebSocketHandler {
  private readonly control: Control
  private readonly open = new Set<WebSocketConnection>()
  private unsubscribe: (() => void) | undefined

  constructor(control: Control) {
    this.control = control
  }

  /** Takes the exchanges of the feed; whether they may be is the admin server's to know. */
  gateway(settings: Settings, events: Events): Gateway {
    const handler = new WsgiHandler([new WebSocket('/live', this, { protocols: [PROTOCOL], origins: 'any', maxMessage: 1024 })])
    return wsgiGateway(handler, { settings, events, multiprocess: false })
  }

  async onOpen(ws: WebSocketConnection): Promise<void> {
    const { control } = this
    const requests = await control.requests()
    ws.write(JSON.stringify({
      type: 'hello', status: control.status(), settings: control.settings(), history: control.history.all(), requests,
    }))
    this.open.add(ws)
    this.unsubscribe ??= control.history.subscribe((sample) => { void this.tick(sample) })
  }

  onClose(ws: WebSocketConnection): void {
    this.open.delete(ws)
    if (this.open.size > 0) return
    this.unsubscribe?.()
    this.unsubscribe = undefined
  }

  /** The server stops. */
  close(): void {
    this.unsubscribe?.()
    for (const ws of this.open) ws.close(1001, 'the server stops')
  }

  private async tick(sample: Sample): Promise<void> {
    const { control } = this
    const text = JSON.stringify({ type: 'tick', sample, status: control.status(), requests: await control.requests() })
    for (const ws of this.open) void ws.write(text)
  }
}
