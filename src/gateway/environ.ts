/** The environ of a request (PEP 3333, "environ Variables"; RFC 3875 section 4.1). */
import type { Settings } from '../config/settings.ts'
import { fieldName } from '../http/field-names.ts'
import { NO_BODY } from '../http/request-body.ts'
import type { RequestHead } from '../http/request-head.ts'
import type { Exchange } from './exchange.ts'
import { fileWrapper } from './file-wrapper.ts'
import { WsgiInput } from './input-stream.ts'
import { tlsVariables } from './tls-variables.ts'
import type { Environ, ErrorStream } from './wsgi.ts'

/** What is the same in every environ of a server. */
export interface EnvironConstants {
  readonly settings: Settings
  /** `wsgi.errors` of a request. */
  readonly errorsOf: (exchange: Exchange) => ErrorStream
  /** Other processes call the same application. */
  readonly multiprocess: boolean
}

/** Of all requests without a body: it is at its end, whoever has read it. */
const NO_INPUT = new WsgiInput(NO_BODY)
const VERSION = Object.freeze([1, 0] as const)

export function buildEnviron(exchange: Exchange, constants: EnvironConstants): Environ {
  const { head, peer } = exchange
  const { settings } = constants
  const { scriptName } = settings
  const environ: Environ = {
    REQUEST_METHOD: head.method,
    SCRIPT_NAME: scriptNameOf(head, scriptName),
    PATH_INFO: pathInfo(head, scriptName),
    QUERY_STRING: head.query,
    SERVER_NAME: serverName(exchange),
    SERVER_PORT: serverPort(exchange),
    SERVER_PROTOCOL: serverProtocol(head),
    SERVER_SOFTWARE: settings.serverSoftware,
    REMOTE_ADDR: peer.remoteAddress,
    REMOTE_PORT: String(peer.remotePort),
    RAW_URI: head.target,
    'wsgi.version': VERSION,
    'wsgi.url_scheme': head.scheme,
    'wsgi.input': exchange.body === NO_BODY ? NO_INPUT : new WsgiInput(exchange.body),
    'wsgi.errors': constants.errorsOf(exchange),
    'wsgi.multithread': false,
    'wsgi.multiprocess': constants.multiprocess,
    'wsgi.run_once': false,
    'wsgi.input_terminated': true,
    'wsgi.file_wrapper': fileWrapper,
    'pulsar.client_disconnected': () => exchange.clientEnded,
    'pulsar.request_id': exchange.id,
    'pulsar.connection': exchange,
    'pulsar.cfg': settings,
  }
  if (head.scheme === 'https') environ.HTTPS = 'on'
  if (peer.tls !== undefined) for (const [name, value] of tlsVariables(peer.tls)) environ[name] = value
  addFields(environ, head)
  return environ
}

/** `SCRIPT_NAME`: what proxies have taken off the path, and what this server does. */
export function scriptNameOf(head: RequestHead, scriptName: string): string {
  const { prefix } = head
  if (prefix === undefined) return scriptName
  // Where the path does not begin with it, the setting says what the proxy has taken off.
  return scriptName === '' || pathInfo(head, '') !== pathInfo(head, scriptName) ? prefix + scriptName : prefix
}

/** The path, decoded, without the one that the application is mounted at. */
export function pathInfo(head: RequestHead, scriptName: string): string {
  const path = head.path.includes('%') ? percentDecode(head.path) : head.path
  const below = scriptName !== '' && path.startsWith(scriptName) && isBoundary(path, scriptName.length)
  return below ? path.slice(scriptName.length) : path
}

export function serverProtocol({ version }: RequestHead): string {
  return version === '2' ? 'HTTP/2' : version === '1.1' ? 'HTTP/1.1' : 'HTTP/1.0'
}

function addFields(environ: Environ, head: RequestHead): void {
  const { fields } = head
  for (let i = 0; i < fields.length; i += 2) {
    const field = fieldName(fields[i] as string)
    if (field === undefined) continue
    const { variable } = field
    const before = environ[variable]
    const value = fields[i + 1] as string
    environ[variable] = before === undefined ? value : `${before as string}${separator(variable)}${value}`
  }
  // RFC 9112 section 3.2.2: with an absolute-form target what Host says does not count.
  if (head.authority !== '' && head.path !== '' && environ.HTTP_HOST !== undefined) environ.HTTP_HOST = head.authority
}

/** Between the values of a field that comes twice: RFC 9110 section 5.3; for cookies RFC 6265 section 5.4, RFC 9113 section 8.2.3. */
export function separator(variable: string): string {
  return variable === 'HTTP_COOKIE' ? '; ' : ','
}

/** The address that the request came to: facts of the socket, not a client's words; a unix socket has none. */
export function serverName(exchange: Pick<Exchange, 'head' | 'peer'>): string {
  if (exchange.peer.localPort !== 0) return exchange.peer.localAddress
  const host = exchange.head.authority.replace(/:\d*$/, '')
  return host === '' ? 'localhost' : host
}

export function serverPort(exchange: Pick<Exchange, 'head' | 'peer'>): string {
  const { peer, head } = exchange
  if (peer.localPort !== 0) return String(peer.localPort)
  return /:(\d+)$/.exec(head.authority)?.[1] ?? (head.scheme === 'https' ? '443' : '80')
}

/** A prefix ends where a segment does. */
const isBoundary = (path: string, at: number): boolean => path.length === at || path.charCodeAt(at) === 0x2f

const ESCAPE = /%([0-9A-Fa-f]{2})/g

/** To latin-1 text: a character for each byte (PEP 3333, "Unicode Issues"). What is no escape stays as it is. */
export function percentDecode(text: string): string {
  return text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
