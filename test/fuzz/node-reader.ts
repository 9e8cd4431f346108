/**
 * What node:http (llhttp in its strict mode) makes of bytes: its server, given streams in place of sockets. It works each
 * off before the call returns, so that a million cases need no socket.
 */
import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

export interface NodesMessage {
  readonly method: string
  readonly target: string
  readonly version: string
  /** Flat. */
  readonly fields: readonly string[]
  readonly trailers: readonly string[]
  /** Latin-1. */
  readonly data: string
  readonly ended: boolean
  /** What the server does with it: hands it to the application, or answers it itself. */
  readonly verdict: 'accepted' | 'tunnel' | 'no-host' | 'expectation'
  readonly persistent: boolean
}

export interface NodesReading {
  readonly messages: readonly NodesMessage[]
  /** Why it reads no further; null where it would go on. */
  readonly refusal: { readonly code: string; readonly reason: string } | null
}

interface ParseError extends Error {
  readonly code?: string
  readonly reason?: string
}

/** Keeps what it is given, in place of a stream that somebody would have to read. */
class Message extends IncomingMessage {
  verdict: NodesMessage['verdict'] = 'no-host'
  persistent = true
  data = ''
  ended = false

  constructor(socket: Socket) {
    super(socket)
    ;(socket as unknown as Connection).messages.push(this)
  }

  override push(piece: Buffer | null): boolean {
    if (piece === null) this.ended = true
    else this.data += piece.toString('latin1')
    return true
  }
}

class Connection extends Duplex {
  readonly messages: Message[] = []
  failure: ParseError | null = null

  override _read(): void {}

  override _write(_bytes: Buffer, _encoding: string, done: () => void): void {
    done()
  }
}

export class NodeReader {
  readonly #server: Server

  constructor() {
    const take =
      (verdict: NodesMessage['verdict']) =>
      (message: IncomingMessage, response: ServerResponse): void => {
        Object.assign(message, { verdict, persistent: response.shouldKeepAlive })
      }
    this.#server = createServer({
      IncomingMessage: Message as unknown as typeof IncomingMessage,
      maxHeaderSize: 65536,
      insecureHTTPParser: false,
    })
    this.#server.on('request', take('accepted')).on('checkContinue', take('accepted')).on('checkExpectation', take('expectation'))
    this.#server.on('connect', (message) => {
      Object.assign(message, { verdict: 'tunnel' })
    })
    this.#server.on('clientError', (error, socket) => {
      ;(socket as unknown as Connection).failure = error
    })
  }

  read(bytes: Buffer): NodesReading {
    const connection = new Connection()
    this.#server.emit('connection', connection)
    connection.emit('data', bytes)
    connection.destroy()
    const { messages, failure } = connection
    return {
      messages: messages.map((message) => ({
        method: message.method as string,
        target: message.url as string,
        version: message.httpVersion,
        fields: message.rawHeaders,
        trailers: message.rawTrailers,
        data: message.data,
        ended: message.ended,
        verdict: message.verdict,
        persistent: message.persistent,
      })),
      refusal: failure === null ? null : { code: failure.code ?? failure.name, reason: failure.reason ?? failure.message },
    }
  }
}
