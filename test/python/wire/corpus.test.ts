import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { headEnd, headText, parseHead, readFile } from '../../../src/python/wire/answer.ts'
import { FrameReader } from '../../../src/python/wire/frame-reader.ts'
import { ToServer, ToWorker, WireError } from '../../../src/python/wire/frames.ts'
import { marshal, marshalBytes, type Marshalled } from '../../../src/python/wire/marshal.ts'
import {
  bodyFailedFrame, bodyFrame, creditFrame, forkFrame, frame, readForkExit, readHello, readIds, readLoaded, readNote, readObject,
  readMeasured, readPublished, readPull, readRaised, readText, readWritten, requestFrame, startFrame, tunnelFrame, type RequestBodyKind,
} from '../../../src/python/wire/messages.ts'
import { projectRoot } from '../../support/project.ts'
import { unmarshal } from '../../support/unmarshal.ts'

interface Case {
  readonly name: string
  readonly direction: 'to-worker' | 'to-server'
  readonly socket: 'data' | 'control' | 'life' | 'log'
  readonly hex: string
  readonly type: string
  readonly id: number
  readonly meaning: Record<string, never>
  readonly reason: string
}

const cases = (file: string): Case[] => JSON.parse(readFileSync(join(projectRoot, 'test', 'corpus', 'wire', file), 'utf8')) as Case[]
const frames = cases('frames.json')
const bad = cases('bad-frames.json').filter(({ direction }) => direction === 'to-server')

/** What a frame from a worker says, in the corpus's words. */
function meaning(type: number, payload: Buffer): unknown {
  switch (type) {
    case ToServer.HELLO: return { wire: 1, ...readHello(payload) }
    case ToServer.LOADED: return readLoaded(payload)
    case ToServer.FAILED: return readRaised(payload)
    case ToServer.ERROR: return { ...readRaised(payload), interrupted: readObject(payload)['interrupted'] }
    case ToServer.NOTE: return { message: readNote(payload) }
    case ToServer.EXITED: return readForkExit(payload)
    case ToServer.PULL: return { bytes: readPull(payload) }
    case ToServer.RECALLED: return { ids: readIds(payload) }
    case ToServer.STACK: case ToServer.WARNING: return { text: readText(payload) }
    case ToServer.PUBLISH: {
      const { topic, message } = readPublished(payload)
      return typeof message === 'string' ? { topic, text: message } : { topic, hex: Buffer.from(message).toString('hex') }
    }
    case ToServer.METRIC: return readMeasured(payload)
    case ToServer.DATA: return { hex: payload.toString('hex') }
    case ToServer.ANSWER: return { ...headOf(payload), body: payload.subarray(headEnd(payload)).toString('hex') }
    case ToServer.WROTE: return { bytes: readWritten(payload) }
    case ToServer.HEAD: case ToServer.BORROW: {
      if (headEnd(payload) !== payload.length) throw new WireError('bytes behind a head')
      return headOf(payload)
    }
    case ToServer.FILE: return { ...headOf(payload), ...readFile(payload, headEnd(payload)) }
    default: return {}
  }
}

const headOf = (payload: Buffer): object => parseHead(headText(payload, headEnd(payload)))

interface Read { readonly type: number; readonly id: number; says: unknown }

/** Hexadecimal digits of the payload. */
const digits = ({ hex }: Case): number => hex.length - 18

function read(one: Case, pieces: readonly Buffer[]): Read[] {
  const found: Read[] = []
  const reader = new FrameReader(one.socket === 'control' ? 'control' : 'data', (type, id, payload) => {
    const last = found.at(-1)
    const whole = (last?.says as { hex?: string } | undefined)?.hex?.length === digits(one)
    // Pieces of one frame.
    if (type === ToServer.DATA && last !== undefined && !whole) last.says = { hex: `${(last.says as { hex: string }).hex}${payload.toString('hex')}` }
    else found.push({ type, id, says: meaning(type, payload) })
  })
  for (const piece of pieces) reader.push(piece)
  return found
}

for (const one of frames.filter(({ direction }) => direction === 'to-server')) {
  const bytes = Buffer.from(one.hex, 'hex')
  const expected = { type: ToServer[one.type as keyof typeof ToServer], id: one.id, says: one.meaning }
  test(`${one.name} is read, whole, byte by byte, cut anywhere, and with another behind it`, () => {
    assert.deepEqual(read(one, [bytes]), [expected])
    assert.deepEqual(read(one, Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))), [expected])
    for (let at = 1; at < bytes.length; at++) assert.deepEqual(read(one, [bytes.subarray(0, at), bytes.subarray(at)]), [expected])
    assert.deepEqual(read(one, [Buffer.concat([bytes, bytes])]), [expected, expected])
  })
}

for (const one of bad) {
  test(`refused: ${one.name}`, () => {
    const bytes = Buffer.from(one.hex, 'hex')
    assert.throws(() => read(one, [bytes]), WireError)
    assert.throws(() => read(one, Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))), WireError)
  })
}

/** The frame that the server makes for what a case means. */
function made({ type, id, meaning: says }: Case): Buffer {
  const text = (made: string): Buffer => Buffer.from(made, 'latin1')
  switch (type) {
    case 'START': {
      const { wire, ...start } = says as Record<string, unknown>
      assert.equal(wire, 1)
      return text(startFrame(start as never))
    }
    case 'CREDIT': return text(creditFrame(id, says['bytes'] as never))
    case 'BODY': return bodyFrame(id, Buffer.from(says['hex'] as never, 'hex'))
    case 'BODY_FAILED': return text(bodyFailedFrame(id, says['text'] as never))
    case 'TUNNEL': return text(tunnelFrame(id, marshal(says['environ'] as never), says['token'] as never))
    case 'FORK': return text(forkFrame(says['worker'] as never, says['token'] as never))
    default: return text(frame(ToWorker[type as keyof typeof ToWorker], id))
  }
}

for (const one of frames.filter(({ direction, type }) => direction === 'to-worker' && type !== 'REQUEST')) {
  test(`${one.name} is made to the byte, but for JSON's order`, () => {
    const bytes = made(one)
    if (one.type === 'TUNNEL') assert.deepEqual(unmarshal(bytes.subarray(9)), unmarshal(Buffer.from(one.hex, 'hex').subarray(9)))
    else if (one.type !== 'START' && one.type !== 'FORK') assert.equal(bytes.toString('hex'), one.hex)
    assert.equal(bytes.subarray(4, 9).toString('hex'), one.hex.slice(8, 18))
    if (one.type === 'START' || one.type === 'FORK') assert.deepEqual(JSON.parse(bytes.subarray(9).toString()), one.meaning)
  })
}

for (const one of frames.filter(({ type }) => type === 'REQUEST')) {
  test(`${one.name} is made with the same meaning`, () => {
    const { environ, kind, body } = one.meaning as unknown as { environ: Marshalled; kind: RequestBodyKind; body: null | string | { hex: string } }
    const content = body === null ? undefined : typeof body === 'string' ? marshal(body) : marshalBytes(Buffer.from(body.hex, 'hex').toString('latin1'))
    const bytes = Buffer.from(requestFrame(one.id, marshal(environ), kind, content), 'latin1')
    assert.equal(bytes.readUInt32LE(0), bytes.length - 9)
    assert.equal(bytes.subarray(4, 9).toString('hex'), one.hex.slice(8, 18))
    assert.deepEqual(unmarshal(bytes.subarray(9)), unmarshal(Buffer.from(one.hex, 'hex').subarray(9)))
  })
}
