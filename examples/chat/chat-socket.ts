/** What a page may say, and what is done about it. */
import { WS, type WebSocketConnection } from 'pulsar-wsgi/ws'
import { z } from 'zod'
import { text, type Chat } from './chat.ts'
import { LONGEST_NAME, LONGEST_TEXT, type FromClient } from './web/protocol.ts'

const name = z.string().trim().min(1).max(LONGEST_NAME)

/** Shared by the page's socket and JSON-RPC. */
export const sayingRules = { room: name, name, text: z.string().trim().min(1).max(LONGEST_TEXT) } as const

const rules = z.discriminatedUnion('type', [
  z.object({ type: z.literal('join'), room: name, marks: z.record(z.string().max(40), z.number().int().min(0)) }),
  // Its text is looked at later, so that the refusal has its id.
  z.object({ type: z.literal('say'), id: z.string().regex(/^[\w-]{8,40}$/), room: z.string(), name: z.string(), text: z.string() }),
  z.object({ type: z.literal('here') }),
])

/** Messages that somebody may send at once, and in a second in the long run. */
const BURST = 30
const RATE = 3

export class ChatSocket extends WS {
  readonly #chat: Chat
  readonly #pace = new WeakMap<WebSocketConnection, { left: number, at: number }>()

  constructor(chat: Chat) {
    super()
    this.#chat = chat
  }

  override async onMessage(ws: WebSocketConnection, json: string): Promise<void> {
    const message = parsed(json)
    if (message === null) {
      // RFC 6455 section 7.4.1: 1008, a policy was violated.
      ws.close(1008, 'no message of the chat')
    } else if (message.type === 'here') {
      await ws.write(text({ type: 'here' }))
    } else if (message.type === 'join') {
      const { 'wsgi.multiprocess': several, 'pulsar.cfg': settings } = ws.environ
      await this.#chat.join(ws, message.room, { marks: message.marks, alone: !several && settings.pubsub === null })
    } else {
      await this.#say(ws, message)
    }
  }

  override onClose(ws: WebSocketConnection): void {
    this.#chat.leave(ws)
  }

  async #say(ws: WebSocketConnection, { id, room, name: by, text: said }: Extract<FromClient, { type: 'say' }>): Promise<void> {
    const saying = z.object(sayingRules).safeParse({ room, name: by, text: said })
    const reason = !saying.success ? 'A name and a text of up to 1000 characters are needed.' : this.#tooFast(ws) ? 'That was too fast.' : null
    if (!saying.success || reason !== null) {
      await ws.write(text({ type: 'refused', id, reason: String(reason) }))
      return
    }
    await this.#chat.say({ id, ...saying.data })
    await ws.write(text({ type: 'saved', id }))
  }

  #tooFast(ws: WebSocketConnection): boolean {
    const now = performance.now()
    const { left, at } = this.#pace.get(ws) ?? { left: BURST, at: now }
    const allowed = Math.min(BURST, left + (now - at) / 1000 * RATE)
    if (allowed < 1) return true
    this.#pace.set(ws, { left: allowed - 1, at: now })
    return false
  }
}

function parsed(json: string): FromClient | null {
  try {
    return rules.parse(JSON.parse(json))
  } catch {
    return null // not JSON, or another one: the caller says so
  }
}
