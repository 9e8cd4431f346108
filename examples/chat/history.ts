/** What was said last, by room, in the same order in every process. */
import { inOrder, type Entry, type Marks } from './web/protocol.ts'

export interface HistoryLimits {
  readonly rooms: number
  /** Of each room. */
  readonly entries: number
}

export class History {
  readonly #limits: HistoryLimits
  /** The one in which something was said last is the last. */
  readonly #rooms = new Map<string, Entry[]>()

  constructor(limits: HistoryLimits = { rooms: 100, entries: 200 }) {
    this.#limits = limits
  }

  get rooms(): readonly string[] {
    return [...this.#rooms.keys()]
  }

  /** False for what it has already, or does not keep because what it keeps is newer. */
  add(entry: Entry): boolean {
    const entries = this.#rooms.get(entry.room) ?? []
    let at = entries.length
    while (at > 0 && inOrder(entry, entries[at - 1] as Entry) < 0) at--
    const before = entries[at - 1]
    if (before?.by === entry.by && before.number === entry.number) return false
    if (at === 0 && entries.length >= this.#limits.entries) return false
    entries.splice(at, 0, entry)
    if (entries.length > this.#limits.entries) entries.shift()
    this.#rooms.delete(entry.room)
    this.#rooms.set(entry.room, entries)
    if (this.#rooms.size > this.#limits.rooms) this.#rooms.delete(this.#rooms.keys().next().value as string)
    return true
  }

  has(room: string, id: string): boolean {
    return this.#rooms.get(room)?.some((entry) => entry.id === id) ?? false
  }

  of(room: string): readonly Entry[] {
    return this.#rooms.get(room) ?? []
  }

  /** What somebody lacks who has all up to these marks. */
  since(room: string, marks: Marks): readonly Entry[] {
    return this.of(room).filter(({ by, number }) => !Object.hasOwn(marks, by) || number > (marks[by] as number))
  }
}
