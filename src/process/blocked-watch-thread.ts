/**
 * The thread of blocked-watch.ts. It reports to the arbiter through descriptor 4, and does not judge: that the arbiter does.
 * What comes from there is a ticket's number: the arbiter asks where the loop is now.
 */
import { Session, type Debugger } from 'node:inspector'
import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'
import { lookTime, WITNESS, type Place, type WatchData, type Witness } from './blocked-watch.ts'
import type { BlockedReport, StackReport } from './messages.ts'

const arbiter = new Socket({ fd: 4 })
/** The main thread answers at once where it is in JavaScript; milliseconds. */
const ANSWER = 1500

interface Newer {
  connectToMainThread(): void
}

const { beats, limit } = workerData as WatchData
const counter = new Int32Array(beats)
let seen = -1
let since = performance.now()
let reported = false

setInterval(() => {
  const now = performance.now()
  const beat = Atomics.load(counter, 0)
  if (beat !== seen) {
    seen = beat
    since = now
    reported = false
  } else if (limit > 0 && !reported && now - since >= limit * 1000) {
    reported = true
    void report(Math.round((now - since) / 100) / 10)
  }
}, lookTime(limit))

let asked = ''
arbiter.setEncoding('latin1')
arbiter.on('error', () => undefined) // the arbiter is gone: nobody asks, and nobody hears
arbiter.on('data', (text: string) => {
  const lines = (asked + text).split('\n')
  asked = lines.pop() as string
  for (const line of lines) void answer(Number(line))
})
arbiter.unref()

/** One session at a time: two would both see the pause of one. */
let turn: Promise<unknown> = Promise.resolve()

function lookInTurn(): Promise<Found> {
  const found = turn.then(look)
  turn = found
  return found
}

async function answer(ticket: number): Promise<void> {
  const { stack } = await lookInTurn()
  say({ ticket, stack })
}

function say(line: BlockedReport | StackReport): void {
  arbiter.write(`${JSON.stringify(line)}\n`)
}

async function report(blocked: number): Promise<void> {
  const { stack, requests } = await lookInTurn()
  // The loop has come to life again meanwhile: nothing to report.
  if (Atomics.load(counter, 0) !== seen) return
  say({ blocked, stack, requests })
}

type Found = Omit<BlockedReport, 'blocked'>

async function look(): Promise<Found> {
  const session = new Session()
  try {
    (session as unknown as Newer).connectToMainThread()
    // Frames name scripts by number only.
    const scripts = new Map<string, string>()
    session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => scripts.set(scriptId, url))
    session.post('Debugger.enable')
    const paused = new Promise<Debugger.CallFrame[] | null>((resolve) => {
      session.once('Debugger.paused', ({ params }) => resolve(params.callFrames))
      setTimeout(() => resolve(null), ANSWER)
    })
    session.post('Debugger.pause')
    const frames = await paused
    if (frames === null) return { stack: null, requests: [] }
    const found = frames.map(({ location: { scriptId, lineNumber, columnNumber } }): Place =>
      ({ url: scripts.get(scriptId) ?? '(unknown)', line: lineNumber, column: columnNumber ?? 0 }))
    const { requests, places } = await ask(session, (frames[0] as Debugger.CallFrame).callFrameId, found)
    session.post('Debugger.resume')
    return { stack: frames.map(({ functionName }, i) => frameText(functionName, places[i] as Place)).join('\n'), requests }
  } catch (error) {
    return { stack: `no stack: ${error instanceof Error ? error.message : String(error)}`, requests: [] }
  } finally {
    session.disconnect()
  }
}

function ask(session: Session, callFrameId: string, places: readonly Place[]): Promise<ReturnType<Witness>> {
  const expression = `JSON.stringify(globalThis[Symbol.for(${JSON.stringify(WITNESS)})](${JSON.stringify(places)}))`
  return new Promise((resolve) => {
    const unknown = { requests: [], places }
    setTimeout(() => resolve(unknown), ANSWER)
    session.post('Debugger.evaluateOnCallFrame', { callFrameId, expression, returnByValue: true, silent: true }, (error, answer) => {
      const text: unknown = error === null ? answer.result.value : undefined
      resolve(typeof text === 'string' ? JSON.parse(text) as ReturnType<Witness> : unknown)
    })
  })
}

function frameText(name: string, { url, line, column }: Place): string {
  return `at ${name === '' ? '(anonymous)' : name} (${url}:${line + 1}:${column + 1})`
}
