/** An object for each request, with the same names as the server's log where both tell the same. */
import type { Closing } from '../../gateway/exchange.ts'
import type { Peer } from '../../http/peer.ts'
import type { RequestHead } from '../../http/request-head.ts'
import { isoTime } from './clock.ts'
import { protocol, requestField, tenths, userName, type AccessFormat } from './entry.ts'
import { RepeatedText } from './repeated-text.ts'
import { flat, insideJson, jsonText } from './text.ts'

const NO_REFERER = 'null'
const known = (text: string): string => (text === '' ? 'null' : jsonText(text))
const addresses = new RepeatedText((address) => `","peer":"${address}:`)
const hosts = new RepeatedText((host) => hostOf('HTTP/1.1', host))
const agents = new RepeatedText((agent) => `${NO_REFERER},"agent":${known(agent)}`)
/** Of an answer that was given whole: only the application took time. */
const endings = new RepeatedText((ms) => `,"cause":null,"ms":${ms},"body":0,"queue":0,"application":${ms},"write":0}`)

/** Of few pieces, because each costs: a quote that belongs to a text is in what stands before it and behind. */
export const json: AccessFormat = ({ id, peer, head }, closing, now) =>
  head === null || id === null
    ? `{"time":"${isoTime(now)}","pid":${process.pid},"id":null,${client(peer).slice('",'.length)}"${status(closing)}${closing.bytes}${ending(closing)}`
    : `${opening(now)}${insideJson(id)}${client(peer)}${request(head)}${status(closing)}${closing.bytes}${ending(closing)}`

let openedAt = -1
let opened = ''

/** Of all that end within the same millisecond. */
function opening(now: number): string {
  if (now === openedAt) return opened
  openedAt = now
  return opened = flat(`{"time":"${isoTime(now)}","pid":${process.pid},"id":"`)
}

function client({ remoteAddress, remotePort }: Peer): string {
  return remoteAddress === '' ? '","peer":"unix' : `${addresses.printed(remoteAddress)}${remotePort}`
}

function request(head: RequestHead): string {
  const { method, target, version, authority } = head
  const user = userName(head)
  const asked = user === '' && method === 'GET' ? '","user":null,"method":"GET","target":"' : `","user":${known(user)},"method":${jsonText(method)},"target":"`
  const host = version === '1.1' ? hosts.printed(authority) : hostOf(protocol(head), authority)
  const referer = requestField(head, 'referer')
  const agent = agents.printed(requestField(head, 'user-agent'))
  const asker = referer === '' ? agent : `${jsonText(referer)}${agent.slice(NO_REFERER.length)}`
  return `${asked}${insideJson(target)}${host}${asker}`
}

function hostOf(protocol: string, host: string): string {
  return `","protocol":"${protocol}","host":${known(host)},"referer":`
}

function status({ status }: Closing): string {
  return status === 200 ? ',"status":200,"bytes":' : `,"status":${status === 0 ? 'null' : status},"bytes":`
}

function ending({ cause, phases }: Closing): string {
  const why = cause === null ? ',"cause":null' : `,"cause":"${cause}"`
  if (phases === null) return `${why}}`
  const { body, queue, application, write, total } = phases
  if (cause === null && body === 0 && queue === 0 && write === 0) return endings.printed(tenths(total))
  return `${why},"ms":${tenths(total)},"body":${tenths(body)},"queue":${tenths(queue)},"application":${tenths(application)},"write":${tenths(write)}}`
}
