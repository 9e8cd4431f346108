/** The format of Apache and nginx, and behind it what only this server knows. */
import type { Closing } from '../../gateway/exchange.ts'
import { commonTime } from './clock.ts'
import { protocol, requestField, tenths, userName, type AccessEntry, type AccessFormat } from './entry.ts'
import { RepeatedText } from './repeated-text.ts'
import { bareText, quotedText } from './text.ts'

const agents = new RepeatedText((agent) => ` "${agent === '' ? '-' : quotedText(agent)}" id=`)
/** Of an answer that was given whole: only the application took time. */
const endings = new RepeatedText((ms) => ` ms=${ms} application=${ms} write=0.0`)

export const combined: AccessFormat = (entry, closing, now) =>
  `${client(entry)}${commonTime(now)}${requestLine(entry)}${closing.status === 0 ? '-' : closing.status} `
  + `${closing.bytes === 0 ? '-' : closing.bytes}${fields(entry)}${entry.id === null ? '-' : bareText(entry.id)}${ending(closing)}`

function client({ head, peer }: AccessEntry): string {
  const address = peer.remoteAddress === '' ? '-' : peer.remoteAddress
  const user = userName(head)
  return user === '' ? `${address} - - ` : `${address} - ${bareText(user)} `
}

function requestLine({ head }: AccessEntry): string {
  return head === null ? ' "-" ' : ` "${quotedText(head.method)} ${quotedText(head.target)} ${protocol(head)}" `
}

function fields({ head }: AccessEntry): string {
  const referer = requestField(head, 'referer')
  const agent = requestField(head, 'user-agent')
  return referer === '' ? ` "-"${agents.printed(agent)}` : ` "${quotedText(referer)}"${agents.printed(agent)}`
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
