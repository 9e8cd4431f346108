/** Clients that keep asking on kept-alive connections, without a second try of anything; every outcome is counted. */
import { connect } from 'node:net'

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

export class SteadyClients {
  answered = 0
  failures = {}
  slowest = 0
  #over = false
  #running

  constructor(port, count) {
    this.#running = Promise.all(Array.from({ length: count }, () => this.#ask(port)))
  }

  get failed() {
    return Object.values(this.failures).reduce((sum, one) => sum + one, 0)
  }

  async stop() {
    this.#over = true
    await this.#running
  }

  async #ask(port) {
    let socket = null
    while (!this.#over) {
      const started = performance.now()
      try {
        socket ??= await open(port)
        const { status, last } = await answer(socket)
        if (status === 200) this.answered++
        else this.#failed(`status ${status}`)
        this.slowest = Math.max(this.slowest, performance.now() - started)
        if (last) {
          socket.destroy()
          socket = null
        }
      } catch (error) {
        this.#failed(error.code ?? error.message)
        socket?.destroy()
        socket = null
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    socket?.destroy()
  }

  #failed(how) {
    this.failures[how] = (this.failures[how] ?? 0) + 1
  }
}

function open(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined) // answer() tells
      resolve(socket)
    })
  })
}

/** One request and its answer, whose length is given. */
function answer(socket) {
  return new Promise((resolve, reject) => {
    let text = ''
    const end = (act) => {
      clearTimeout(late)
      socket.off('data', data).off('error', failed).off('close', closed)
      act()
    }
    const data = (piece) => {
      text += piece.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      if (head < 0) return
      const fields = text.slice(0, head).toLowerCase()
      const length = Number(/\r\ncontent-length: *(\d+)/.exec(fields)?.[1] ?? 0)
      if (text.length < head + 4 + length) return
      end(() => resolve({ status: Number(text.slice(9, 12)), last: /\r\nconnection: *close/.test(fields) }))
    }
    const failed = (error) => end(() => reject(error))
    const closed = () => end(() => reject(new Error('closed without an answer')))
    const late = setTimeout(() => end(() => reject(new Error('no answer in 20 s'))), 20_000)
    socket.on('data', data).on('error', failed).on('close', closed)
    if (socket.destroyed) closed()
    else socket.write(REQUEST)
  })
}
