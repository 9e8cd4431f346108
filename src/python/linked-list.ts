/**
 * A list whose members hold each other, so that coming and going costs no memory. A Set or Map that much goes through is made anew
 * again and again, and V8 links each one that is given up to its successor: where the first is old, all that was ever in any
 * of them stays until old memory is collected.
 */

/** In one list at most. */
export interface Linked<T extends Linked<T>> {
  list: LinkedList<T> | undefined
  before: T | undefined
  after: T | undefined
}

export class LinkedList<T extends Linked<T>> implements Iterable<T> {
  size = 0
  first: T | undefined
  private last: T | undefined

  add(member: T): void {
    this.insert(member, undefined)
  }

  has(member: T): boolean {
    return member.list === this
  }

  remove(member: T): boolean {
    if (member.list !== this) return false
    const { before, after } = member
    if (before === undefined) this.first = after
    else before.after = after
    if (after === undefined) this.last = before
    else after.before = before
    member.list = member.before = member.after = undefined
    this.size--
    return true
  }

  /** Not while members come and go. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let member = this.first; member !== undefined; member = member.after) yield member
  }

  /** In front of `after`, at the end without it; it leaves the list that it was in. */
  protected insert(member: T, after: T | undefined): void {
    member.list?.remove(member)
    const before = after === undefined ? this.last : after.before
    member.list = this
    member.before = before
    member.after = after
    if (before === undefined) this.first = member
    else before.after = member
    if (after === undefined) this.last = member
    else after.before = member
    this.size++
  }
}
