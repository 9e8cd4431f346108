/** People of examples/chat, by the client of its page, with all that each has heard. */
import { WebSocket } from 'ws'
import { ChatClient, type Socket } from '../../examples/chat/web/chat-client.ts'
import { inOrder, type Entry } from '../../examples/chat/web/protocol.ts'
import { eventually } from './workers.ts'

export class Person {
  readonly client: ChatClient
  readonly heard: Entry[] = []
  readonly refusals: string[] = []
  readonly saved: string[] = []
  rooms: readonly string[] = []
  /** The process at the other end. */
  server: number | null = null
  /** How often a connection ended. */
  lost = 0
  #said = 0

  /** @param address of the server, or where to find one for the next attempt */
  constructor(address: string | (() => string), room: string = 'lobby') {
    const where = typeof address === 'string' ? () => address : address
    this.client = new ChatClient({
      open: () => new WebSocket(`${where().replace('http', 'ws')}/message`) as Socket,
      room,
      events: {
        entries: (entries) => { this.heard.push(...entries) },
        connected: (server) => {
          this.server = server === null ? null : Number(server.split('-')[0])
          if (server === null) this.lost++
        },
        rooms: (rooms) => { this.rooms = rooms },
        refused: (_id, reason) => { this.refusals.push(reason) },
        saved: (id) => { this.saved.push(id) },
      },
    })
  }

  say(text: string, id: string = `${process.pid}-${this.client.room}-${text}-${++this.#said}`.replaceAll(/[^\w-]/g, '-').slice(-40).padStart(8, '-')): string {
    this.client.say({ id, room: this.client.room, name: 'Ann', text })
    return id
  }

  /** Of the room, in their order, whenever they came. */
  get texts(): readonly string[] {
    return this.heard.filter(({ room }) => room === this.client.room).sort(inOrder).map(({ text }) => text)
  }

  here(): Promise<void> {
    return eventually(() => this.server !== null, () => 'a connection to the chat')
  }

  hears(text: string): Promise<void> {
    return eventually(() => this.heard.some((entry) => entry.text === text), () => `${text} among ${this.texts.join(', ')}`)
  }
}

/** As many as are asked for, all of them there. */
export async function people(count: number, address: string | (() => string), room?: string): Promise<Person[]> {
  const all = Array.from({ length: count }, () => new Person(address, room))
  await Promise.all(all.map((person) => person.here()))
  return all
}

/** Two, connected to two processes of the same server. */
export async function onTwoWorkers(address: string): Promise<[Person, Person]> {
  const first = new Person(address)
  await first.here()
  for (;;) {
    const second = new Person(address)
    await second.here()
    if (second.server !== first.server) return [first, second]
    second.client.close()
  }
}
