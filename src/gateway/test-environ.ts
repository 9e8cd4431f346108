/** An environ as the server would make it, of a request that nobody sent: for tests of applications. */
import { Duplex } from 'node:stream'
import type { CauseName } from '../http/causes.ts'
import { H1Connection } from '../http/h1/connection.ts'
import type { ErrorAnswer, H1Exchange } from '../http/h1/exchange.ts'
import type { H1Host } from '../http/h1/host.ts'
import type { ParserLimits } from '../http/h1/request-parser.ts'
import { checkField, ResponseWriter } from '../http/h1/response-writer.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { buildEnviron, type EnvironConstants } from './environ.ts'
import { errorAnswer } from './error-answer.ts'
import type { Fields } from './exchange.ts'
import { newRequestId } from './request-id.ts'
import type { Environ } from './wsgi.ts'

export interface TestEnvironOptions {
  /** Path and query, or a URL, which gives `Host` too; what a URI cannot have is percent-encoded as UTF-8. Default `/`. */
  readonly path?: string
  /** Any case; default `GET`. */
  readonly method?: string
  /** Request fields, by name or as pairs. Without `Host` one is added, and with a body its `Content-Length`. */
  readonly headers?: Fields | Readonly<Record<string, string>>
  /** What `wsgi.input` gives; text is sent as UTF-8. Default: nothing. */
  readonly body?: Uint8Array | string
  /** Over TLS; default: where the path is an `https:` URL. */
  readonly secure?: boolean
  /** Put into the environ at the end. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** Where the client seems to be. */
const CLIENT = { remoteAddress: '127.0.0.1', remotePort: 49152 } as const
const NO_LIMITS: ParserLimits = { requestLine: Infinity, fields: Infinity, fieldSize: Infinity, head: Infinity, body: 0 }

/**
 * Reads the request with the server's own parser and makes the environ with its own {@link buildEnviron}. What is sent by
 * `pulsar.connection` goes nowhere.
 * @throws {TypeError} for a request that the server would refuse
 */
export function makeTestEnviron(options: TestEnvironOptions, constants: EnvironConstants): Environ {
  const request = testRequest(options)
  const host = new NobodysHost(request)
  const writer = new ResponseWriter(constants.settings.serverSoftware, Date.now)
  new H1Connection(host, NO_LIMITS, request.scheme, writer).receive(request.bytes, request.bytes.length)
  if (host.exchange === null) throw new TypeError('the request has no end')
  return Object.assign(buildEnviron(host.exchange, constants), options.extra)
}

/** A request as a client would send it. */
export interface TestRequest {
  readonly bytes: Buffer
  readonly scheme: 'http' | 'https'
  /** `host[:port]` that the request seems to have come to. */
  readonly authority: string
}

/** @throws {TypeError} for a header that could not go on the wire */
export function testRequest(options: TestEnvironOptions): TestRequest {
  const { path = '/', method = 'GET', body = '', secure, headers = [] } = options
  const url = /^(https?):\/\/([^/?#]*)([^]*)$/i.exec(path)
  const scheme = secure ?? url?.[1]?.toLowerCase() === 'https' ? 'https' : 'http'
  const fields = Array.isArray(headers) ? [...(headers as Fields)] : Object.entries(headers)
  const authority = url?.[2] ?? valueOf(fields, 'host') ?? '127.0.0.1'
  if (valueOf(fields, 'host') === undefined) fields.unshift(['Host', authority])
  const content = Buffer.from(body as Uint8Array)
  if (content.length > 0 && !fields.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name))) {
    fields.push(['Content-Length', String(content.length)])
  }
  for (const [name, value] of fields) checkField(name, value)
  const requestLine = `${method.toUpperCase()} ${encoded(url?.[3] ?? path)} HTTP/1.1`
  const fieldLines = fields.map(([name, value]) => `${name}: ${value}\r\n`)
  const head = Buffer.from(`${requestLine}\r\n${fieldLines.join('')}\r\n`, 'latin1')
  return { bytes: Buffer.concat([head, content]), scheme, authority }
}

function valueOf(fields: Fields, name: string): string | undefined {
  return fields.find(([candidate]) => candidate.toLowerCase() === name)?.[1]
}

/** As a client writes a target: without the fragment, and beyond visible ASCII in escapes of UTF-8. */
function encoded(path: string): string {
  const [target = ''] = path.split('#', 1)
  const escape = (text: string): string => Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&')
  const escaped = target.replace(/[^\x21-\x7e]+/gu, escape)
  return escaped === '' || escaped.startsWith('?') ? `/${escaped}` : escaped
}

/** The world around a connection that leads nowhere: what is written is dropped, and no clock runs. */
class NobodysHost implements H1Host {
  readonly peer: Peer
  exchange: H1Exchange | null = null

  constructor(request: TestRequest) {
    const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(request.authority) as RegExpExecArray
    const encrypted = request.scheme === 'https'
    const localPort = Number(port ?? (encrypted ? 443 : 80))
    this.peer = { ...CLIENT, localAddress: name.replace(/^\[|\]$/g, ''), localPort, encrypted }
  }

  request(exchange: H1Exchange): void {
    this.exchange = exchange
  }

  refused(cause: CauseName, detail: string): void {
    // A request that was read whole may still be failed by the application that it was made for.
    if (this.exchange === null) throw new TypeError(`${detail} (${cause})`)
  }

  requestId(): string {
    return newRequestId()
  }

  errorAnswer(cause: CauseName, head: RequestHead | null): ErrorAnswer {
    return errorAnswer(cause, head)
  }

  detach(leftover: Buffer | null): Duplex {
    const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => { done() } })
    if (leftover !== null) stream.push(leftover)
    return stream
  }

  write(): boolean {
    return true
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  close(): void {}
  reset(): void {}
  wait(): void {}
}
