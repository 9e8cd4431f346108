/** Whether a request asks for a WebSocket, as far as a server has to know (RFC 6455 section 4.1); the rest is the application's. */
import type { Environ } from '../gateway/wsgi.ts'
import { listOfTokens } from '../http/grammar.ts'
import { fieldValue, type RequestHead } from '../http/request-head.ts'

/** Of a request without a body. */
export function asksForWebSocket({ method, version, fields }: RequestHead): boolean {
  if (method !== 'GET' || version !== '1.1') return false
  const upgrade = fieldValue(fields, 'upgrade')
  return upgrade !== undefined && isWebSocket(upgrade, fieldValue(fields, 'connection'))
}

/** The same of an environ, with or without a body. */
export function environAsksForWebSocket(environ: Environ): boolean {
  const { HTTP_UPGRADE: upgrade, HTTP_CONNECTION: connection, CONTENT_LENGTH: length = '0' } = environ
  if (Number(length) !== 0 || 'HTTP_TRANSFER_ENCODING' in environ) return false
  return environ.REQUEST_METHOD === 'GET' && environ.SERVER_PROTOCOL === 'HTTP/1.1' && typeof upgrade === 'string'
    && isWebSocket(upgrade, connection)
}

function isWebSocket(upgrade: string, connection: unknown): boolean {
  return listOfTokens(upgrade).includes('websocket') && typeof connection === 'string' && listOfTokens(connection).includes('upgrade')
}
