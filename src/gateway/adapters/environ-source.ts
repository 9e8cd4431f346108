/** A request to a fetch handler that is called as a WSGI application: of the environ, as middleware has left it. */
import type { HttpVersion, RequestHead } from '../../http/request-head.ts'
import { percentDecode } from '../environ.ts'
import type { BodySource, Closing, Exchange } from '../exchange.ts'
import { WsgiInput } from '../input-stream.ts'
import type { Environ } from '../wsgi.ts'
import type { RequestSource } from './request-source.ts'

/** Bytes that are read at a time. */
const PORTION = 65_536

export function environSource(environ: Environ): RequestSource {
  const connection = environ['pulsar.connection']
  return {
    id: environ['pulsar.request_id'],
    head: headOf(environ),
    peer: connection.peer,
    body: bodyOf(environ),
    get closed() { return connection.closed },
    get clientEnded() { return environ['pulsar.client_disconnected']() },
    informational: (status, fields) => connection.informational(status, fields),
    upgrade: (status, fields) => connection.upgrade(status, fields),
    // What the server knows of the end of the exchange, which the contract's own type does not tell.
    onClientEnd: (listener) => (connection as Partial<Exchange>).onClientEnd?.(listener),
    onClose: (listener) => connection.onClose(listener as (closing?: Closing) => void),
  }
}

/** The path that the application is mounted at, as far as the source's path still begins with it. */
function headOf(environ: Environ): RequestHead {
  const path = pathOf(environ)
  const { QUERY_STRING: query } = environ
  return {
    method: environ.REQUEST_METHOD, target: query === '' ? path : `${path}?${query}`, path, query,
    fields: fieldsOf(environ), version: versionOf(environ.SERVER_PROTOCOL), scheme: environ['wsgi.url_scheme'],
    authority: typeof environ.HTTP_HOST === 'string' ? environ.HTTP_HOST : '',
  }
}

/** As the client wrote it, where middleware has not changed it; else with the escapes that are needed. */
function pathOf({ RAW_URI, SCRIPT_NAME, PATH_INFO }: Environ): string {
  const whole = SCRIPT_NAME + PATH_INFO
  const raw = /^[^?]*/.exec(RAW_URI)?.[0] ?? ''
  return percentDecode(raw) === whole ? raw : whole.replace(/[^\w\-.~!$&'()*+,;=:@/]/g, escaped)
}

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

function versionOf(protocol: string): HttpVersion {
  return protocol === 'HTTP/2' ? '2' : protocol === 'HTTP/1.0' ? '1.0' : '1.1'
}

/** RFC 3875 section 4.1.18, backwards. */
function fieldsOf(environ: Environ): string[] {
  const fields: string[] = []
  for (const [key, value] of Object.entries(environ)) {
    if (typeof value !== 'string') continue
    if (key.startsWith('HTTP_')) fields.push(key.slice(5).toLowerCase().replaceAll('_', '-'), value)
    else if (key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH') fields.push(key.toLowerCase().replace('_', '-'), value)
  }
  return fields
}

function bodyOf(environ: Environ): BodySource {
  const input = environ['wsgi.input']
  return {
    length: lengthOf(environ),
    trailers: [],
    pull: async (size) => {
      // As it comes, where the input is the server's own: others only know how to wait for as much as they are asked for.
      const bytes = size === undefined && input instanceof WsgiInput ? await input.some() : await input.read(size ?? PORTION)
      return bytes.length === 0 ? null : bytes
    },
  }
}

function lengthOf({ CONTENT_LENGTH: announced, HTTP_TRANSFER_ENCODING: coding, SERVER_PROTOCOL: protocol }: Environ): number | null {
  if (announced !== undefined && /^\d{1,15}$/.test(announced)) return Number(announced)
  // RFC 9112 section 6.3: a body is announced; in HTTP/2 it need not be.
  return coding === undefined && protocol !== 'HTTP/2' ? 0 : null
}
