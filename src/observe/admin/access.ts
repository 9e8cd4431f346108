/**
 * Who may ask the admin server. Without a token it listens where only this machine reaches it; a browser on this machine still
 * shows pages of others, which must not steer it: by requests across sites, or by a name that leads here (DNS rebinding).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { fieldValue, type RequestHead } from '../../http/request-head.ts'

export interface AccessRules {
  /** Null: none is asked for. */
  readonly token: string | null
  /** It listens on a unix socket, which no browser reaches. */
  readonly local: boolean
}

export interface Denial {
  readonly status: '401 Unauthorized' | '403 Forbidden' | '421 Misdirected Request'
  readonly why: string
}

/** What a request asks for: `open` is for everybody (health), `page` the page itself, which shows nothing without the rest. */
export type Sort = 'open' | 'page' | 'read' | 'steer'

/** The subprotocol of the page's WebSocket; the token follows in another, as browsers let pages set no other field. */
export const PROTOCOL = 'pulsar-admin'
const TOKEN_PREFIX = 'token.'

/** Why it is denied; null where it is not. */
export function denial(head: RequestHead, sort: Sort, { token, local }: AccessRules): Denial | null {
  if (sort === 'open') return null
  if (token === null && !local && !isLocalName(head.authority)) {
    return { status: '421 Misdirected Request', why: 'this server is asked as localhost or by its address: another name may be a trick of a page elsewhere' }
  }
  const site = fieldValue(head.fields, 'sec-fetch-site')
  const navigation = sort === 'page' && fieldValue(head.fields, 'sec-fetch-mode') === 'navigate'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigation) return foreign
  const origin = fieldValue(head.fields, 'origin')
  if (origin !== undefined && !isSameOrigin(origin, head)) return foreign
  if (token === null || sort === 'page') return null
  return isToken(givenToken(head), token) ? null : { status: '401 Unauthorized', why: 'the adminToken is wanted: Authorization: Bearer TOKEN' }
}

const foreign: Denial = { status: '403 Forbidden', why: 'a page of another site asks' }

function isLocalName(authority: string): boolean {
  const host = authority.replace(/:\d*$/, '').toLowerCase()
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

function isSameOrigin(origin: string, { authority, scheme }: RequestHead): boolean {
  if (!URL.canParse(origin)) return false
  const { host, protocol } = new URL(origin)
  return protocol === `${scheme}:` && host === new URL(`${scheme}://${authority}`).host
}

function givenToken({ fields }: RequestHead): string {
  const [, bearer] = /^bearer +(\S+)$/i.exec(fieldValue(fields, 'authorization') ?? '') ?? []
  if (bearer !== undefined) return bearer
  const offered = (fieldValue(fields, 'sec-websocket-protocol') ?? '').split(',').map((one) => one.trim())
  const coded = offered.find((one) => one.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length) ?? ''
  return Buffer.from(coded, 'base64url').toString('latin1')
}

/** In a time that tells nothing of the token. */
function isToken(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
