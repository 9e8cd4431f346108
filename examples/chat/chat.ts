/** The chat of one process: who is in which room, what was said, and the way to the other processes. */
import { randomBytes } from 'node:crypto'
import type { PubSub } from 'pulsar-wsgi'
import { broadcast, type WebSocketConnection } from 'pulsar-wsgi/ws'
import { CatchUp } from './catch-up.ts'
import { History } from './history.ts'
import type { Entry, FromServer, Marks, Saying } from './web/protocol.ts'

const CHANNEL = 'chat'
export const text = (message: FromServer): string => JSON.stringify(message)

export class Chat {
  /** The name of this process: whoever takes its place has another. */
  readonly by: string = `${process.pid}-${randomBytes(4).toString('hex')}`
  readonly #hub: PubSub
  readonly #history = new History()
  readonly #catchUp: CatchUp
  /** With the room that each is in. */
  readonly #people = new Map<WebSocketConnection, string>()
  readonly #rooms = new Map<string, Set<WebSocketConnection>>()
  readonly #latest = new Map<string, number>()
  #published = 0
  #time = 0

  constructor(hub: PubSub) {
    this.#hub = hub
    hub.subscribe(CHANNEL, (message) => this.#heard(JSON.parse(String(message)) as Entry, String(message)))
    this.#catchUp = new CatchUp({
      hub, history: this.#history, by: this.by, add: (entry) => this.#heard(entry, JSON.stringify(entry)),
    })
  }

  /** @param alone there is no other process, now or ever */
  async join(ws: WebSocketConnection, room: string, { marks, alone }: { readonly marks: Marks, readonly alone: boolean }): Promise<void> {
    if (!alone) await this.#catchUp.ready
    if (!ws.open) return
    // From the history on nothing comes in between: it is read and followed in one turn.
    this.leave(ws)
    this.#people.set(ws, room)
    this.#rooms.set(room, (this.#rooms.get(room) ?? new Set()).add(ws))
    ws.write(text({ type: 'rooms', rooms: this.#history.rooms }))
    const complete = alone || this.#catchUp.complete
    await ws.write(text({ type: 'history', room, entries: this.#history.since(room, marks), complete, server: this.by }))
  }

  leave(ws: WebSocketConnection): void {
    const room = this.#people.get(ws)
    if (room === undefined || !this.#people.delete(ws)) return
    const people = this.#rooms.get(room)
    people?.delete(ws)
    if (people?.size === 0) this.#rooms.delete(room)
  }

  /** Resolves when it has left this process: if this one is killed then, the others have it. */
  async say(saying: Saying): Promise<void> {
    if (!this.#history.has(saying.room, saying.id)) {
      this.#time = Math.max(this.#time, Date.now())
      const entry: Entry = {
        ...saying, time: this.#time, by: this.by, number: ++this.#published, after: this.#latest.get(saying.room) ?? 0,
      }
      this.#latest.delete(saying.room)
      this.#latest.set(saying.room, entry.number)
      // A room that was forgotten is one without a number before: at worst something is sent to somebody who has it.
      if (this.#latest.size > 1000) this.#latest.delete(this.#latest.keys().next().value as string)
      this.#hub.publish(CHANNEL, JSON.stringify(entry))
    }
    await this.#hub.flush()
  }

  #heard(entry: Entry, json: string): void {
    const isNew = this.#history.of(entry.room).length === 0
    if (!this.#history.add(entry)) return
    broadcast(this.#rooms.get(entry.room) ?? [], `{"type":"entry","entry":${json}}`)
    if (isNew) broadcast(this.#people.keys(), text({ type: 'rooms', rooms: this.#history.rooms }))
  }
}
