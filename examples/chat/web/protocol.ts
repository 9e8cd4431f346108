/** What page and server say to one another: one JSON object a message. */

/** What somebody says. */
export interface Saying {
  /** The client's own: what it sends again, because it does not know whether it was heard, is no second entry. */
  readonly id: string
  readonly room: string
  readonly name: string
  readonly text: string
}

/** What somebody has said. */
export interface Entry extends Saying {
  /** Milliseconds since 1970. */
  readonly time: number
  /** The server process that published it, ... */
  readonly by: string
  /** ... which counts what it publishes, and tells the number of the one before in the same room (0: none). */
  readonly number: number
  readonly after: number
}

/** The last number of each server process up to which nothing of a room is missing. */
export type Marks = Readonly<Record<string, number>>

export type FromClient =
  /** Enters a room, and leaves the one before. */
  | { readonly type: 'join', readonly room: string, readonly marks: Marks }
  | Saying & { readonly type: 'say' }
  /** To be answered: a page cannot see the pings of its browser. */
  | { readonly type: 'here' }

export type FromServer =
  /** What the marks left out. `complete`: the server knows of nothing else, so that the marks go to its end. */
  | { readonly type: 'history', readonly room: string, readonly entries: readonly Entry[], readonly complete: boolean, readonly server: string }
  | { readonly type: 'entry', readonly entry: Entry }
  /** What was said with this id has left the process that took it: it need not be said again. */
  | { readonly type: 'saved', readonly id: string }
  | { readonly type: 'refused', readonly id: string, readonly reason: string }
  | { readonly type: 'rooms', readonly rooms: readonly string[] }
  | { readonly type: 'here' }

/** Characters. */
export const LONGEST_NAME = 30
export const LONGEST_TEXT = 1000

/** The same order for everybody. */
export function inOrder(a: Entry, b: Entry): number {
  return a.time - b.time || (a.by < b.by ? -1 : a.by > b.by ? 1 : a.number - b.number)
}
