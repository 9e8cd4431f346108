/** The format of Apache and nginx, and behind it what only this server knows. */
import type { Closing } from '../../gateway/exchange.ts'
import { commonTime } from './clock.ts'
import { protocol, requestField, tenths, userName, type AccessEntry, type AccessFormat } from './entry.ts'
import { RepeatedText } from './repeated-text.ts'
import { bareText, flat, quotedText } from './text.ts'

const NO_REFERER = ' "-"'
const agents = new RepeatedText((agent) => `${NO_REFERER} "${agent === '' ? '-' : quotedText(agent)}" id=`)
/** Of an answer that was given whole: only the application took time. */
const endings = new RepeatedText((ms) => ` ms=${ms} application=${ms} write=0.0`)

/** Of few pieces, because each costs. */
export const combined: AccessFormat = (entry, closing, now) =>
  `${opening(entry, now)}${request(entry)}${closing.status === 0 ? '-' : closing.status} `
  + `${closing.bytes === 0 ? '-' : closing.bytes}${fields(entry)}${entry.id === null ? '-' : bareText(entry.id)}${ending(closing)}`

let openedFor = ''
let openedAt = ''
let opened = ''

/** Of all requests of a client, or of a proxy, within the same second. */
function opening({ head, peer }: AccessEntry, now: number): string {
  const time = commonTime(now)
  const address = peer.remoteAddress === '' ? '-' : peer.remoteAddress
  const user = userName(head)
  if (user !== '') return `${address} - ${bareText(user)} ${time}`
  if (time !== openedAt || address !== openedFor) {
    openedAt = time
    openedFor = address
    opened = flat(`${address} - - ${time}`)
  }
  return opened
}

function request({ head }: AccessEntry): string {
  if (head === null) return ' "-" '
  const { method, version } = head
  const target = quotedText(head.target)
  if (method === 'GET' && version === '1.1') return ` "GET ${target} HTTP/1.1" `
  return ` "${quotedText(method)} ${target} ${protocol(head)}" `
}

function fields({ head }: AccessEntry): string {
  const referer = requestField(head, 'referer')
  const agent = agents.printed(requestField(head, 'user-agent'))
  return referer === '' ? agent : ` "${quotedText(referer)}"${agent.slice(NO_REFERER.length)}`
}

/** What there was none of is left out. */
function ending({ cause, phases }: Closing): string {
  const why = cause === null ? '' : ` cause=${cause}`
  if (phases === null) return why
  const { body, queue, write } = phases
  if (cause === null && body === 0 && queue === 0 && write === 0) return endings.printed(tenths(phases.total))
  const waits = body === 0 && queue === 0 ? '' : ` body=${tenths(body)} queue=${tenths(queue)}`
  return `${why} ms=${tenths(phases.total)}${waits} application=${tenths(phases.application)} write=${tenths(write)}`
}
