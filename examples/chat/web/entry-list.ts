/// <reference lib="dom" />
/** What was said, on the page: in order, by days and by people, and the newest in sight for whoever is at the end. */
import { find } from './find.ts'
import { inOrder, type Entry, type Saying } from './protocol.ts'

/** So many are on the page at most. */
const SHOWN = 500
/** Milliseconds within which somebody goes on instead of beginning anew. */
const SAME_BREATH = 300_000

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' })
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

export class EntryList {
  readonly #log = find('#log', HTMLOListElement)
  readonly #scroll = find('#scroll', HTMLDivElement)
  readonly #empty = find('#empty', HTMLParagraphElement)
  readonly #newest = find('#newest', HTMLButtonElement)
  readonly #isOwn: (id: string) => boolean
  #entries: Entry[] = []
  /** Said here and not heard yet: behind everything else. */
  readonly #said = new Map<string, Saying>()
  readonly #unsaved = new Set<string>()

  constructor(isOwn: (id: string) => boolean) {
    this.#isOwn = isOwn
    this.#newest.addEventListener('click', () => this.#toEnd())
    this.#scroll.addEventListener('scroll', () => { if (this.#atEnd()) this.#newest.hidden = true })
  }

  add(entries: readonly Entry[]): void {
    const last = this.#entries.at(-1)
    const later = last === undefined || entries.every((entry) => inOrder(entry, last) > 0)
    this.#entries.push(...entries)
    for (const { id } of entries) this.#said.delete(id)
    if (!later) this.#entries.sort(inOrder)
    const fromOthers = last !== undefined && entries.some(({ id }) => !this.#isOwn(id))
    this.#draw(fromOthers)
  }

  /** Shows it at once, as not saved yet. */
  say(saying: Saying): void {
    this.#said.set(saying.id, saying)
    this.#unsaved.add(saying.id)
    this.#draw(false)
    this.#toEnd()
  }

  saved(id: string): void {
    this.#unsaved.delete(id)
    this.#log.querySelector(`[data-id="${CSS.escape(id)}"]`)?.classList.remove('unsaved')
  }

  /** Takes back what was refused. */
  remove(id: string): Saying | undefined {
    const saying = this.#said.get(id)
    this.#said.delete(id)
    this.#unsaved.delete(id)
    this.#draw(false)
    return saying
  }

  /** For another room, where something may still be unsaved. */
  clear(said: readonly Saying[]): void {
    this.#entries = []
    this.#said.clear()
    for (const saying of said) this.#said.set(saying.id, saying)
    this.#draw(false)
  }

  /** What is there already stays as it is: only what changed is written anew. */
  #draw(fromOthers: boolean): void {
    const atEnd = this.#atEnd()
    if (this.#entries.length > SHOWN) this.#entries.splice(0, this.#entries.length - SHOWN)
    const now = Date.now()
    const all = [...this.#entries, ...[...this.#said.values()].map((saying) => ({ ...saying, time: now }))]
    const items = all.flatMap((entry, i) => this.#items(entry, all[i - 1]))
    const old = [...this.#log.children]
    items.forEach((item, i) => {
      const there = old[i]
      if (there === undefined) this.#log.append(item)
      else if (!there.isEqualNode(item)) there.replaceWith(item)
    })
    for (const one of old.slice(items.length)) one.remove()
    this.#empty.hidden = all.length > 0
    if (atEnd) this.#toEnd()
    else if (fromOthers) this.#newest.hidden = false
  }

  #items(entry: Saying & { readonly time: number }, before: (Saying & { readonly time: number }) | undefined): HTMLLIElement[] {
    const today = day.format(entry.time)
    const sameDay = before !== undefined && day.format(before.time) === today
    const more = sameDay && before.name === entry.name && this.#isOwn(before.id) === this.#isOwn(entry.id) && entry.time - before.time < SAME_BREATH
    const item = document.createElement('li')
    item.dataset['id'] = entry.id
    item.classList.toggle('more', more)
    item.classList.toggle('own', this.#isOwn(entry.id))
    item.classList.toggle('unsaved', this.#unsaved.has(entry.id))
    const article = element('article')
    article.style.setProperty('--hue', String(hueOf(entry.name)))
    const face = element('span', 'face', initials(entry.name))
    face.ariaHidden = 'true'
    const by = element('p', 'by')
    const time = document.createElement('time')
    time.dateTime = new Date(entry.time).toISOString()
    time.textContent = clock.format(entry.time)
    by.append(element('b', '', entry.name), time)
    article.append(face, by, element('p', 'text', entry.text))
    item.append(article)
    return sameDay ? [item] : [dayItem(today), item]
  }

  #atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll
    return scrollHeight - scrollTop - clientHeight < 60
  }

  #toEnd(): void {
    this.#newest.hidden = true
    this.#scroll.scrollTo({ top: this.#scroll.scrollHeight, behavior: 'instant' })
  }
}

function element(tag: string, className: string = '', content: string = ''): HTMLElement {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.textContent = content
  return made
}

function dayItem(content: string): HTMLLIElement {
  const item = document.createElement('li')
  item.className = 'day'
  item.textContent = content
  return item
}

/** By the name, so that everybody sees somebody in the same colour. */
function hueOf(name: string): number {
  let hash = 0
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) as number)) % 360
  return hash
}

function initials(name: string): string {
  const [first = '', second = ''] = name.trim().split(/\s+/)
  return ((Array.from(first)[0] ?? '') + (Array.from(second)[0] ?? '')).toUpperCase()
}
