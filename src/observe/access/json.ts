/** An object for each request, with the same names as the server's log where both tell the same. */
import type { Closing } from '../../gateway/exchange.ts'
import type { Peer } from '../../http/peer.ts'
import type { RequestHead } from '../../http/request-head.ts'
import { isoTime } from './clock.ts'
import { protocol, requestField, tenths, userName, type AccessFormat } from './entry.ts'
import { RepeatedText } from './repeated-text.ts'
import { flat, jsonText } from './text.ts'

const known = (text: string): string => (text === '' ? 'null' : jsonText(text))
const hosts = new RepeatedText((host) => `","host":${known(host)},"referer":`)
/** Of an answer that was given whole: only the application took time. */
const endings = new RepeatedText((ms) => `,"cause":null,"ms":${ms},"body":0,"queue":0,"application":${ms},"write":0}`)
const agents = new RepeatedText((agent) => `,"agent":${known(agent)}`)

/** Of few pieces, because each costs. */
export const json: AccessFormat = ({ id, peer, head }, closing, now) =>
  `${opening(now)}${id === null ? 'null' : jsonText(id)}${client(peer)}${head === null ? '' : request(head)}${status(closing)}${closing.bytes}${ending(closing)}`

let openedAt = -1
let opened = ''

/** Of all that end within the same millisecond. */
function opening(now: number): string {
  if (now === openedAt) return opened
  openedAt = now
  return opened = flat(`{"time":"${isoTime(now)}","pid":${process.pid},"id":`)
}

function client({ remoteAddress, remotePort }: Peer): string {
  return remoteAddress === '' ? ',"peer":"unix"' : `,"peer":"${remoteAddress}:${remotePort}"`
}

function request(head: RequestHead): string {
  const user = userName(head)
  const referer = requestField(head, 'referer')
  return `${user === '' ? ',"user":null,"method":' : `,"user":${jsonText(user)},"method":`}${jsonText(head.method)},"target":${jsonText(head.target)}`
    + `,"protocol":"${protocol(head)}${hosts.printed(head.authority)}${known(referer)}${agents.printed(requestField(head, 'user-agent'))}`
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
