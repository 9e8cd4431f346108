/** The opening handshake, the server's side: RFC 6455 section 4.2. */
import { hash } from 'node:crypto'
import type { Environ } from '../gateway/wsgi.ts'
import { copyOfText } from '../http/latin1.ts'
import { BadRequest, HttpError, PermissionDenied } from '../web/http-error.ts'
import type { WsgiRequest } from '../web/request.ts'
import { agreedCompression, type Compression } from './framing.ts'
import type { AllowedOrigins, ConnectionLimits, WebSocketOptions } from './options.ts'

export interface Agreement {
  /** Fields of the 101. */
  readonly fields: readonly (readonly [string, string])[]
  /** Empty where there is none. */
  readonly protocol: string
  readonly compression: Compression | undefined
}

/** RFC 6455 section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** 16 bytes in base64 (RFC 6455 section 4.1): four bits of the last digit are zero. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/
const UPGRADE = ['Upgrade', 'websocket'] as const
const CONNECTION = ['Connection', 'Upgrade'] as const
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** What both sides are to hold to. @throws {HttpError} 400, 403 or 426, by the check that failed */
export function agree(request: WsgiRequest, options: WebSocketOptions, limits: ConnectionLimits): Agreement {
  const { environ } = request
  checkUpgrade(request)
  const key = field(environ, 'HTTP_SEC_WEBSOCKET_KEY')
  if (!KEY.test(key)) throw new BadRequest('Sec-WebSocket-Key is not 16 bytes in base64')
  // The key is all of the head's text that most requests would keep alive.
  environ.HTTP_SEC_WEBSOCKET_KEY = copyOfText(key)
  checkOrigin(request, options.origins ?? 'same')
  const fields: (readonly [string, string])[] = [UPGRADE, CONNECTION, ['Sec-WebSocket-Accept', acceptFor(key)]]
  const protocol = chosenProtocol(request, options.protocols)
  if (protocol !== '') fields.push(['Sec-WebSocket-Protocol', protocol])
  const compression = extensions(environ, limits)
  if (compression !== undefined) fields.push(['Sec-WebSocket-Extensions', compression.field])
  return { fields, protocol, compression }
}

/** `Sec-WebSocket-Accept` for a key (RFC 6455 section 4.2.2). */
export function acceptFor(key: string): string {
  return hash('sha1', key + GUID, 'base64')
}

function checkUpgrade({ environ, method }: WsgiRequest): void {
  if (method !== 'GET') throw new BadRequest('a WebSocket is opened by GET')
  if (!hasToken(field(environ, 'HTTP_UPGRADE'), 'websocket')) throw upgradeRequired('this is a WebSocket')
  if (!hasToken(field(environ, 'HTTP_CONNECTION'), 'upgrade')) throw new BadRequest('Connection does not name upgrade')
  if (environ.SERVER_PROTOCOL !== 'HTTP/1.1') throw new BadRequest('a WebSocket needs HTTP/1.1')
  const version = field(environ, 'HTTP_SEC_WEBSOCKET_VERSION')
  if (version !== '13') throw upgradeRequired('the version of WebSocket is 13')
  if (Number(environ.CONTENT_LENGTH ?? 0) > 0 || 'HTTP_TRANSFER_ENCODING' in environ) throw new BadRequest('a handshake has no body')
}

/** RFC 6455 section 4.4: with the version that there is; RFC 9110 section 15.5.22: and what to upgrade to. */
function upgradeRequired(message: string): HttpError {
  return new HttpError(426, message, { headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' } })
}

function checkOrigin(request: WsgiRequest, allowed: AllowedOrigins): void {
  const origin = field(request.environ, 'HTTP_ORIGIN')
  if (origin === '' || isAllowed(origin, request, allowed)) return
  throw new PermissionDenied(`pages of ${origin} may not connect`)
}

function isAllowed(origin: string, request: WsgiRequest, allowed: AllowedOrigins): boolean {
  if (typeof allowed === 'function') return allowed(origin, request)
  if (typeof allowed === 'object') return allowed.includes(origin)
  return allowed === 'any' || sameHost(origin, request.host)
}

/** The scheme is not compared: a proxy may have ended TLS. */
function sameHost(origin: string, host: string): boolean {
  try {
    const url = new URL(origin)
    return url.host !== '' && url.host === new URL(`${url.protocol}//${host}`).host
  } catch {
    return false
  }
}

function chosenProtocol(request: WsgiRequest, choice: WebSocketOptions['protocols'] = []): string {
  const text = field(request.environ, 'HTTP_SEC_WEBSOCKET_PROTOCOL')
  if (text === '') return ''
  const offered = text.split(',').map((name) => name.trim())
  // RFC 6455 section 4.1: tokens, none twice.
  if (!offered.every((name) => TOKEN.test(name)) || new Set(offered).size < offered.length) throw new BadRequest('Sec-WebSocket-Protocol is malformed')
  if (typeof choice !== 'function') return choice.find((name) => offered.includes(name)) ?? ''
  const chosen = choice(offered, request)
  if (chosen === undefined || offered.includes(chosen)) return chosen ?? ''
  throw new TypeError(`the subprotocol ${chosen} is none of those offered`)
}

function extensions(environ: Environ, limits: ConnectionLimits): Compression | undefined {
  const text = field(environ, 'HTTP_SEC_WEBSOCKET_EXTENSIONS')
  if (text === '') return undefined
  try {
    return agreedCompression(text, limits)
  } catch (error) {
    throw new BadRequest('Sec-WebSocket-Extensions is malformed', { cause: error })
  }
}

function field(environ: Environ, variable: string): string {
  const value = environ[variable]
  return typeof value === 'string' ? value.trim() : ''
}

function hasToken(list: string, token: string): boolean {
  return list.toLowerCase() === token || list.split(',').some((one) => one.trim().toLowerCase() === token)
}
