/** The socket that Python workers connect to, in a directory of its own, and who may. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readInto, type Receive } from '../sockets/accepted-socket.ts'
import { PREFIX, removeLeftovers } from './leftovers.ts'
import { FRAME_HEAD, frameRules, ToServer, WireError } from './wire/frames.ts'
import { readHello, type Hello } from './wire/messages.ts'

/** How long a peer may say nothing, in milliseconds. */
const PATIENCE = 10_000
/** Of a unix socket's path, in bytes, on every system. */
const LONGEST_PATH = 100
const NAME = 'wire'

/** Takes a connection over; `rest` is what was read behind HELLO. What it gives gets what is read from then on. */
export type Accept = (hello: Hello, socket: Socket, rest: Buffer) => Receive

/** The same for the socket of an application; what is behind HELLO there are its own bytes. */
export type AcceptTunnel = (socket: Socket, rest: Buffer) => Receive

interface Expected {
  readonly token: string
  readonly accept: Accept
  /** Each role connects once. */
  readonly seen: Set<Hello['role']>
}

export class WireServer {
  /** Only for this user; also for what else the server and its workers share. */
  readonly directory: string
  readonly path: string
  private readonly server: Server
  private readonly warn: (text: string) => void
  private readonly expected = new Map<number, Expected>()
  private readonly tunnels = new Map<string, AcceptTunnel>()
  private readonly waiting = new Set<Socket>()
  private readonly remove = (): void => rmSync(this.directory, { recursive: true, force: true })

  private constructor(directory: string, warn: (text: string) => void) {
    this.directory = directory
    this.path = join(directory, NAME)
    this.warn = warn
    this.server = createServer({ pauseOnConnect: true }, (socket) => this.accept(socket))
    this.server.unref()
    process.once('exit', this.remove)
  }

  /** @throws what the system says where there is no directory to be made */
  static async open(warn: (text: string) => void): Promise<WireServer> {
    const base = tmpdir().length + 30 > LONGEST_PATH ? '/tmp' : tmpdir()
    // The mode is 0700.
    const wire = new WireServer(mkdtempSync(join(base, PREFIX)), warn)
    removeLeftovers(base, NAME).catch((error: unknown) => warn(`what a killed server left in ${base} cannot be removed: ${String(error)}`))
    await new Promise<void>((resolve, reject) => {
      wire.server.once('error', reject)
      wire.server.listen(wire.path, resolve)
    })
    return wire
  }

  /** From now on that worker may connect, once for each role. */
  expect(worker: number, token: string, accept: Accept): void {
    this.expected.set(worker, { token, accept, seen: new Set() })
  }

  forget(worker: number): void {
    this.expected.delete(worker)
  }

  /**
   * From now on whoever has the token may connect, once.
   * @returns the function that ends this
   */
  expectTunnel(token: string, accept: AcceptTunnel): () => void {
    this.tunnels.set(token, accept)
    return () => { this.tunnels.delete(token) }
  }

  close(): void {
    process.off('exit', this.remove)
    for (const socket of this.waiting) socket.destroy()
    this.server.close()
    this.remove()
  }

  private accept(accepted: Socket): void {
    let receive: Receive = (bytes, length) => take(bytes.subarray(0, length))
    const socket = readInto(accepted, this.server, (bytes, length) => receive(bytes, length))
    let read: Buffer = Buffer.alloc(0)
    const late = setTimeout(() => refuse('said nothing'), PATIENCE).unref()
    const settle = (): void => {
      clearTimeout(late)
      this.waiting.delete(socket)
      socket.off('close', settle)
    }
    const refuse = (why: string): undefined => {
      settle()
      socket.destroy()
      this.warn(`a connection to the Python workers' socket was closed: ${why}`)
    }
    const take = (bytes: Buffer): undefined => {
      read = Buffer.concat([read, bytes])
      try {
        const hello = helloOf(read)
        if (hello === undefined) return undefined
        const accept = this.known(hello)
        settle()
        receive = accept(hello, socket, read.subarray(FRAME_HEAD + read.readUInt32LE(0)))
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        refuse(error.message)
      }
      return undefined
    }
    this.waiting.add(socket)
    socket.unref()
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end()).on('close', settle)
  }

  private known(hello: Hello): Accept {
    if (hello.role === 'tunnel') {
      const tunnel = this.tunnels.get(hello.token)
      if (tunnel === undefined) throw new WireError('it is no tunnel that was asked for')
      this.tunnels.delete(hello.token)
      return (_hello, socket, rest) => tunnel(socket, rest)
    }
    const expected = this.expected.get(hello.worker)
    if (expected === undefined || expected.token !== hello.token || expected.seen.has(hello.role)) {
      throw new WireError(`it is not worker ${hello.worker}, or is so a second time`)
    }
    expected.seen.add(hello.role)
    return expected.accept
  }
}

/** Undefined until it is there whole. */
function helloOf(read: Buffer): Hello | undefined {
  if (read.length < FRAME_HEAD) return undefined
  const size = read.readUInt32LE(0)
  const longest = frameRules[ToServer.HELLO]?.longest ?? 0
  if (read[4] !== ToServer.HELLO || size > longest || read.readUInt32LE(5) !== 0) throw new WireError('it did not say HELLO')
  return read.length < FRAME_HEAD + size ? undefined : readHello(read.subarray(FRAME_HEAD, FRAME_HEAD + size))
}
