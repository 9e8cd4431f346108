/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page: what is typed goes to the client, what it hears is shown. */
import { ChatClient } from './chat-client.ts'
import { EntryList } from './entry-list.ts'
import { find } from './find.ts'
import type { Saying } from './protocol.ts'

const FIRST_ROOM = 'lobby'
const roomOfAddress = (): string => readable(location.hash.slice(1)).trim().slice(0, 30) || FIRST_ROOM

const rooms = find('#rooms', HTMLUListElement)
const title = find('#room', HTMLHeadingElement)
const status = find('#status', HTMLParagraphElement)
const name = find('#name', HTMLInputElement)
const text = find('#text', HTMLTextAreaElement)
const say = find('#say', HTMLFormElement)
const newRoom = find('#new-room', HTMLFormElement)
const refused = find('#refused', HTMLParagraphElement)

let known: readonly string[] = [FIRST_ROOM]
const own = new Set<string>()
const list = new EntryList((id) => own.has(id))

name.value = localStorage.getItem('name') ?? `Guest ${100 + Math.floor(Math.random() * 900)}`
name.addEventListener('change', () => {
  name.value = name.value.trim() || 'Guest'
  localStorage.setItem('name', name.value)
})

const socket = new URL('message', document.baseURI)
socket.protocol = socket.protocol.replace('http', 'ws')
socket.hash = ''

const client = new ChatClient({
  open: () => new WebSocket(socket),
  room: roomOfAddress(),
  events: {
    entries: (entries) => list.add(entries),
    connected: (server) => {
      showStatus(server)
      if (server !== null) list.add([])
    },
    rooms: (all) => {
      known = all
      showRooms()
    },
    refused: (id, reason) => {
      const saying = list.remove(id)
      refused.textContent = reason
      refused.hidden = false
      // What was refused is not lost.
      if (text.value === '' && saying !== undefined) text.value = saying.text
    },
    saved: (id) => list.saved(id),
  },
})
showRoom()
addEventListener('hashchange', () => {
  client.enter(roomOfAddress())
  list.clear(client.unsaved.filter(({ room }) => room === client.room))
  showRoom()
})
addEventListener('online', () => client.hurry())
document.addEventListener('visibilitychange', () => { if (!document.hidden) client.hurry() })

say.addEventListener('submit', (event) => {
  event.preventDefault()
  const said = text.value.trim()
  if (said === '') return
  const saying: Saying = { id: newId(), room: client.room, name: name.value.trim() || 'Guest', text: said }
  own.add(saying.id)
  refused.hidden = true
  text.value = ''
  list.say(saying)
  client.say(saying)
})
// Enter sends, and with Shift is a new line; while a word is being composed it is neither.
text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  say.requestSubmit()
})
newRoom.addEventListener('submit', (event) => {
  event.preventDefault()
  location.hash = encodeURIComponent(String(new FormData(newRoom).get('room')).trim())
  newRoom.reset()
  text.focus()
})
find('#who', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  text.focus()
})

function showRoom(): void {
  refused.hidden = true
  title.textContent = client.room
  document.title = `${client.room} · Chat on Pulsar`
  showRooms()
}

function showRooms(): void {
  const all = [...new Set([FIRST_ROOM, ...known, client.room])].sort((a, b) => a.localeCompare(b))
  rooms.replaceChildren(...all.map((room) => {
    const link = document.createElement('a')
    link.href = `#${encodeURIComponent(room)}`
    link.textContent = room
    if (room === client.room) link.setAttribute('aria-current', 'page')
    const item = document.createElement('li')
    item.append(link)
    return item
  }))
  rooms.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center', behavior: 'instant' })
}

function showStatus(server: string | null): void {
  status.textContent = server === null ? 'Connection lost, trying again' : `Connected to process ${server.split('-')[0]}`
  status.className = server === null ? 'off' : 'on'
}

/** Pages without TLS, on another host than this one, have no crypto.randomUUID(). */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function readable(hash: string): string {
  try {
    return decodeURIComponent(hash)
  } catch {
    return hash // typed by hand
  }
}
