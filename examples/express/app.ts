/** Notes by Express, with live updates: a script as it was before there was Pulsar. */
import { EventEmitter } from 'node:events'
import express from 'express'

interface Note {
  readonly id: number
  readonly text: string
}

export const app = express()
const notes: Note[] = []
const changes = new EventEmitter().setMaxListeners(0)

app.use(express.json())

app.get('/notes', (_req, res) => {
  res.json(notes)
})

app.post('/notes', (req, res) => {
  const { text } = req.body as { text?: unknown }
  if (typeof text !== 'string' || text === '') {
    res.status(422).json({ error: 'a note has a text' })
    return
  }
  const note: Note = { id: notes.length + 1, text }
  notes.push(note)
  changes.emit('note', note)
  res.status(201).location(`/notes/${note.id}`).json(note)
})

app.get('/notes/live', (req, res) => {
  res.type('text/event-stream')
  const send = (note: Note): void => { res.write(`data: ${JSON.stringify(note)}\n\n`) }
  changes.on('note', send)
  req.on('close', () => changes.off('note', send))
  res.flushHeaders()
})

app.get('/notes/:id', (req, res) => {
  const note = notes[Number(req.params.id) - 1]
  if (note === undefined) res.status(404).json({ error: 'there is no such note' })
  else res.json(note)
})

app.listen(3000, () => {
  console.log('notes on http://localhost:3000')
})
