/** The environ of a request as the wire has it, straight from the head: what buildEnviron() would make, in one text. */
import { pathInfo, scriptNameOf, separator, serverName, serverPort, serverProtocol } from '../gateway/environ.ts'
import type { Exchange } from '../gateway/exchange.ts'
import { tlsVariables } from '../gateway/tls-variables.ts'
import { fieldName } from '../http/field-names.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import { marshalDict, marshalText } from './wire/marshal.ts'

/** A key of the environ, and its value in the request that is being written. */
interface Variable {
  readonly name: string
  readonly key: string
  value: string
  /** The request that the value is of. */
  request: number
}

const METHOD = marshalText('REQUEST_METHOD')
const SCRIPT_NAME = marshalText('SCRIPT_NAME')
const PATH_INFO = marshalText('PATH_INFO')
const QUERY_STRING = marshalText('QUERY_STRING')
const SERVER_NAME = marshalText('SERVER_NAME')
const SERVER_PORT = marshalText('SERVER_PORT')
const SERVER_PROTOCOL = marshalText('SERVER_PROTOCOL')
const REMOTE_ADDR = marshalText('REMOTE_ADDR')
const REMOTE_PORT = marshalText('REMOTE_PORT')
const RAW_URI = marshalText('RAW_URI')
const REQUEST_ID = marshalText('pulsar.request_id')
const SCHEMES = {
  http: marshalText('wsgi.url_scheme') + marshalText('http'),
  https: marshalText('wsgi.url_scheme') + marshalText('https') + marshalText('HTTPS') + marshalText('on'),
} as const

/** Bounded, because clients choose the names. */
const ENTRIES = 1024
const LONGEST = 64
const byField = new Map<string, Variable>()
const byVariable = new Map<string, Variable>()
const used: Variable[] = []
let requests = 0

/** The dict, as marshal() gives it. */
export function environText(exchange: Exchange, scriptName: string): string {
  const { head } = exchange
  return marshalDict(
    METHOD + marshalText(head.method) + SCRIPT_NAME + marshalText(scriptNameOf(head, scriptName)) + PATH_INFO + marshalText(pathInfo(head, scriptName))
    + QUERY_STRING + marshalText(head.query) + SERVER_PROTOCOL + marshalText(serverProtocol(head)) + RAW_URI + marshalText(head.target)
    + REQUEST_ID + marshalText(exchange.id) + addresses(exchange) + SCHEMES[head.scheme] + fieldsText(head),
  )
}

const ofPeers = new WeakMap<Peer, string>()

/** The same for all requests of a connection, except where the client says what host it wants. */
function addresses(exchange: Exchange): string {
  const { peer } = exchange
  const known = ofPeers.get(peer)
  if (known !== undefined) return known
  const text = SERVER_NAME + marshalText(serverName(exchange)) + SERVER_PORT + marshalText(serverPort(exchange))
    + REMOTE_ADDR + marshalText(peer.remoteAddress) + REMOTE_PORT + marshalText(String(peer.remotePort))
    + tlsVariables(peer.tls).map(([name, value]) => marshalText(name) + marshalText(value)).join('')
  if (peer.localPort !== 0) ofPeers.set(peer, text)
  return text
}

function fieldsText(head: RequestHead): string {
  const { fields } = head
  const request = ++requests
  let count = 0
  let fresh: Map<string, Variable> | undefined
  let host: Variable | undefined
  for (let i = 0; i < fields.length; i += 2) {
    let variable = byField.get(fields[i] as string)
    if (variable === undefined) {
      const name = fieldName(fields[i] as string)?.variable
      if (name === undefined) continue
      variable = fresh?.get(name) ?? learn(fields[i] as string, name)
      if (byVariable.get(name) !== variable) (fresh ??= new Map()).set(name, variable)
    }
    if (variable.request === request) {
      variable.value += separator(variable.name) + (fields[i + 1] as string)
    } else {
      variable.request = request
      variable.value = fields[i + 1] as string
      used[count++] = variable
      if (variable.name === 'HTTP_HOST') host = variable
    }
  }
  // RFC 9112 section 3.2.2, as in buildEnviron().
  if (host !== undefined && head.authority !== '' && head.path !== '') host.value = head.authority
  let text = ''
  for (let i = 0; i < count; i++) {
    const variable = used[i] as Variable
    text += variable.key + marshalText(variable.value)
    variable.value = ''
  }
  return text
}

function learn(field: string, name: string): Variable {
  const variable = byVariable.get(name) ?? { name, key: marshalText(name), value: '', request: 0 }
  if (field.length > LONGEST || byField.size >= ENTRIES) return variable
  byVariable.set(name, variable)
  byField.set(Buffer.from(field, 'latin1').toString('latin1'), variable)
  return variable
}
