/** A client that holds many connections and asks for hello on them, one request at a time. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { hello } from '../servers/payloads.mjs'
import { Trouble } from './trouble.mjs'

const question = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** Says so before a run fails half way for want of file descriptors. */
export function needDescriptors(wanted) {
  const limits = readFileSync('/proc/self/limits', 'latin1')
  const limit = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity)
  if (limit >= wanted + 100) return
  throw new Trouble(`${wanted} connections need as many open files; the hard limit is ${limit} (ulimit -Hn).`)
}

/** One kept-alive connection. */
class HelloConnection {
  #socket
  #answer = null
  #received = ''

  constructor(socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text) => this.#take(text))
    socket.on('error', (error) => this.#answer?.reject(error))
    socket.on('close', () => this.#answer?.reject(new Error('the server closed the connection')))
  }

  #take(text) {
    this.#received += text
    if (!this.#received.endsWith(hello)) return
    const answer = this.#answer
    const right = this.#received.startsWith('HTTP/1.1 200 ')
    this.#received = ''
    this.#answer = null
    if (right) answer?.resolve(performance.now())
    else answer?.reject(new Error('not a 200'))
  }

  /** Microseconds from the request to its whole answer. */
  async ask() {
    const answered = new Promise((resolve, reject) => { this.#answer = { resolve, reject } })
    const from = performance.now()
    this.#socket.write(question, 'latin1')
    return ((await answered) - from) * 1000
  }

  get open() {
    return !this.#socket.destroyed && this.#socket.readable
  }

  close() {
    this.#socket.destroy()
  }
}

export async function openConnection(port) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return new HelloConnection(socket)
}

/** Opens connections, 100 at a time, and asks once on each: what idles then has been used. */
export async function openConnections(port, count) {
  const connections = []
  while (connections.length < count) {
    const some = await Promise.all(Array.from({ length: Math.min(100, count - connections.length) }, () => openConnection(port)))
    await Promise.all(some.map((connection) => connection.ask()))
    connections.push(...some)
  }
  return connections
}

/** The times of requests one after another, each on the connection that `choose` gives. */
export async function times(count, choose) {
  const taken = new Float64Array(count)
  for (let i = 0; i < count; i += 1) taken[i] = await choose().ask()
  return taken
}
