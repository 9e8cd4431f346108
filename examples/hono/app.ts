/** A board of notes with Hono: JSON, a stream of events, and what only a server can tell its handlers. */
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import type { FetchEnv } from 'pulsar-wsgi/adapters'

interface Note {
  readonly id: number
  readonly text: string
}

const notes: Note[] = []
const watchers = new Set<(note: Note) => void>()

const app = new Hono<{ Bindings: FetchEnv }>()

app.get('/', (c) => {
  c.env.pulsar.informational('103 Early Hints', [['Link', '</style.css>; rel=preload; as=style']])
  return c.html('<!doctype html><link rel="stylesheet" href="/style.css"><h1>Notes</h1>')
})

app.get('/style.css', etag(), (c) => c.body('h1 { color: teal }', 200, { 'Content-Type': 'text/css' }))

app.get('/notes', (c) => c.json(notes))

app.post('/notes', async (c) => {
  const { text } = await c.req.json<{ text?: unknown }>()
  if (typeof text !== 'string' || text === '') throw new HTTPException(422, { message: 'a note has a text' })
  const note: Note = { id: notes.length + 1, text }
  notes.push(note)
  // The answer does not wait for it; a server that stops does.
  c.executionCtx.waitUntil(tell(note))
  return c.json(note, 201)
})

app.get('/whoami', (c) => c.text(c.env.pulsar.peer.remoteAddress))

/** The notes as they come, until the client goes. */
app.get('/events', (c) => streamSSE(c, async (stream) => {
  const watch = (note: Note): void => { void stream.writeSSE({ event: 'note', id: String(note.id), data: JSON.stringify(note) }) }
  watchers.add(watch)
  await stream.writeSSE({ event: 'ready', data: String(watchers.size) })
  await new Promise<void>((resolve) => stream.onAbort(resolve))
  watchers.delete(watch)
}))

async function tell(note: Note): Promise<void> {
  await Promise.resolve()
  for (const watch of watchers) watch(note)
}

export default app
