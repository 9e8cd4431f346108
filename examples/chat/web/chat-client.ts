/** The connection of one person: it comes back by itself, misses nothing that the history covers, and loses nothing that was said. */
import { inOrder, type Entry, type FromClient, type FromServer, type Saying } from './protocol.ts'

/** What is used of a browser's WebSocket. */
export interface Socket {
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  send(text: string): void
  close(): void
}

export interface ChatEvents {
  /** New ones, in order; `again` where some may belong before others that are known. */
  entries(entries: readonly Entry[], again: boolean): void
  /** `server` is the process at the other end; null while there is none. */
  connected(server: string | null): void
  rooms(rooms: readonly string[]): void
  refused(id: string, reason: string): void
  saved?(id: string): void
}

export interface ChatClientOptions {
  readonly open: () => Socket
  readonly room: string
  readonly events: ChatEvents
}

/** Milliseconds: the first and the longest wait before it is tried again, of which a random part is taken. */
const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000
/** A silent server is asked whether it is there, and left when it does not say so. */
const ASK_AFTER = 25_000
const LEAVE_AFTER = 10_000
/** Entries of the room that are told apart from new ones: more than any history has. */
const REMEMBERED = 2000

export class ChatClient {
  readonly #open: () => Socket
  readonly #events: ChatEvents
  #room: string
  #socket: Socket | null = null
  #opened = false
  #online = false
  #tries = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #marks = new Map<string, number>()
  #known = new Set<string>()
  #last: Entry | undefined
  readonly #unsaved = new Map<string, Saying>()

  constructor({ open, room, events }: ChatClientOptions) {
    this.#open = open
    this.#room = room
    this.#events = events
    this.#connect()
  }

  get room(): string {
    return this.#room
  }

  /** What is not saved yet. */
  get unsaved(): readonly Saying[] {
    return [...this.#unsaved.values()]
  }

  /** Says it now, or when there is a connection again. The entry that it becomes has the same id. */
  say(saying: Saying): void {
    this.#unsaved.set(saying.id, saying)
    if (this.#online) this.#send({ type: 'say', ...saying })
  }

  /** What was not saved yet goes to the room that it was said in. */
  enter(room: string): void {
    if (room === this.#room) return
    this.#room = room
    this.#marks.clear()
    this.#known.clear()
    this.#last = undefined
    if (this.#opened) this.#join()
  }

  /** Tries at once where it waits to try again, as when a network is back. */
  hurry(): void {
    if (this.#socket !== null) return
    clearTimeout(this.#timer)
    this.#connect()
  }

  close(): void {
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#drop()
    socket?.close()
  }

  #connect(): void {
    const socket = this.#open()
    this.#socket = socket
    const current = (): boolean => this.#socket === socket
    socket.addEventListener('open', () => {
      if (!current()) return
      this.#tries = 0
      this.#opened = true
      this.#join()
    })
    socket.addEventListener('message', ({ data }) => {
      if (!current()) return
      this.#watch()
      this.#received(JSON.parse(String(data)) as FromServer)
    })
    // What went wrong is told by the end that follows.
    socket.addEventListener('error', () => undefined)
    socket.addEventListener('close', () => { if (current()) this.#lost() })
  }

  #join(): void {
    this.#online = false
    this.#watch()
    this.#send({ type: 'join', room: this.#room, marks: Object.fromEntries(this.#marks) })
  }

  #send(message: FromClient): void {
    this.#socket?.send(JSON.stringify(message))
  }

  /** Many clients that lost one server should not come back at the same moment. */
  #lost(): void {
    this.#drop()
    this.#events.connected(null)
    const wait = Math.min(FIRST_WAIT * 2 ** this.#tries++, LONGEST_WAIT)
    this.#timer = setTimeout(() => this.#connect(), wait * Math.random())
  }

  /** From here on nothing of this socket counts. */
  #drop(): void {
    clearTimeout(this.#timer)
    this.#socket = null
    this.#opened = this.#online = false
  }

  #watch(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#send({ type: 'here' })
      this.#timer = setTimeout(() => {
        const socket = this.#socket
        this.#lost()
        socket?.close()
      }, LEAVE_AFTER)
    }, ASK_AFTER)
  }

  #received(message: FromServer): void {
    const events = this.#events
    switch (message.type) {
      case 'history':
        // The answer to a room that was left again meanwhile.
        if (message.room === this.#room) this.#joined(message)
        break
      case 'entry':
        if (message.entry.room !== this.#room) break
        if (message.entry.after <= (this.#marks.get(message.entry.by) ?? 0)) this.#mark(message.entry)
        this.#show([message.entry])
        break
      case 'saved':
        this.#unsaved.delete(message.id)
        events.saved?.(message.id)
        break
      case 'refused':
        this.#unsaved.delete(message.id)
        events.refused(message.id, message.reason)
        break
      case 'rooms':
        events.rooms(message.rooms)
        break
      case 'here':
    }
  }

  #joined({ entries, complete, server }: Extract<FromServer, { type: 'history' }>): void {
    this.#online = true
    if (complete) entries.forEach((entry) => this.#mark(entry))
    this.#events.connected(server)
    this.#show(entries)
    for (const saying of this.#unsaved.values()) this.#send({ type: 'say', ...saying })
  }

  #mark({ by, number }: Entry): void {
    if (number > (this.#marks.get(by) ?? 0)) this.#marks.set(by, number)
  }

  #show(entries: readonly Entry[]): void {
    const fresh = entries.filter(({ id }) => !this.#known.has(id) && this.#known.add(id))
    const [first] = fresh
    if (first === undefined) return
    const again = this.#last !== undefined && inOrder(first, this.#last) < 0
    const newest = fresh.at(-1) as Entry
    if (this.#last === undefined || inOrder(newest, this.#last) > 0) this.#last = newest
    this.#events.entries(fresh, again)
    for (const id of this.#known) {
      if (this.#known.size <= REMEMBERED) break
      this.#known.delete(id)
    }
  }
}
