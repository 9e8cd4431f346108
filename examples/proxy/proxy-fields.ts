/** Which fields pass through a proxy, and what it adds. */
import type { Environ, Fields } from 'pulsar-wsgi'

/** Of one connection only, whatever Connection says (RFC 9110 section 7.6.1). */
const HOP = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade',
])

/** Changes what is passed on of a request; names are in lower case. */
export type ChangeFields = (fields: Map<string, string>, environ: Environ) => void

/** Who has asked, behind those that proxies before have told (pulsar's default). */
export const xForwardedFor: ChangeFields = (fields, environ) => {
  const before = fields.get('x-forwarded-for')
  fields.set('x-forwarded-for', before === undefined ? environ.REMOTE_ADDR : `${before}, ${environ.REMOTE_ADDR}`)
}

export function requestFields(environ: Environ, host: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [key, value] of Object.entries(environ)) {
    if (key.startsWith('HTTP_') && typeof value === 'string') fields.set(key.slice(5).toLowerCase().replaceAll('_', '-'), value)
  }
  if (environ.CONTENT_TYPE !== undefined) fields.set('content-type', environ.CONTENT_TYPE)
  if (environ.CONTENT_LENGTH !== undefined) fields.set('content-length', environ.CONTENT_LENGTH)
  for (const name of [...HOP, ...named(fields.get('connection'))]) fields.delete(name)
  // RFC 9112 section 3.2.2: the target's, whatever the client has sent. RFC 9110 section 7.6.3: who has passed it on.
  fields.set('host', host)
  fields.set('via', via(fields.get('via'), environ.SERVER_PROTOCOL.slice('HTTP/'.length)))
  return fields
}

/** @param raw names and values in turn, as Node has them */
export function responseFields(raw: readonly string[], version: string): Fields {
  const all = Array.from({ length: raw.length / 2 }, (_, i): [string, string] => [raw[2 * i] as string, raw[2 * i + 1] as string])
  const dropped = new Set([...HOP, ...all.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => named(value)), 'via'])
  const before = all.filter(([name]) => name.toLowerCase() === 'via').map(([, value]) => value).join(', ')
  return [...all.filter(([name]) => !dropped.has(name.toLowerCase())), ['Via', via(before, version)]]
}

const via = (before: string | undefined, version: string): string => `${before === undefined || before === '' ? '' : `${before}, `}${version} pulsar-proxy`

const named = (connection: string | undefined): string[] => connection?.toLowerCase().split(',').map((name) => name.trim()).filter(Boolean) ?? []
