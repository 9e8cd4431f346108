/** An object for each request, with the same names as the server's log where both tell the same. */
import type { Closing } from '../../gateway/exchange.ts'
import { isoTime } from './clock.ts'
import { protocol, requestField, tenths, userName, type AccessEntry, type AccessFormat } from './entry.ts'
import { jsonText } from './text.ts'

const PROCESS = `","pid":${process.pid},"id":`

export const json: AccessFormat = (entry, closing, now) =>
  `{"time":"${isoTime(now)}${PROCESS}${known(entry.id ?? '')},"peer":"${client(entry)}"${request(entry)}`
  + `,"status":${closing.status === 0 ? 'null' : closing.status},"bytes":${closing.bytes}${ending(closing)}`

function client({ peer }: AccessEntry): string {
  return peer.remoteAddress === '' ? 'unix' : `${peer.remoteAddress}:${peer.remotePort}`
}

function request({ head }: AccessEntry): string {
  if (head === null) return ''
  const user = userName(head)
  const referer = requestField(head, 'referer')
  const name = user === '' ? ',"user":null,"method":' : `,"user":${jsonText(user)},"method":`
  const before = referer === '' ? ',"referer":null,"agent":' : `,"referer":${jsonText(referer)},"agent":`
  return `${name}${jsonText(head.method)},"target":${jsonText(head.target)},"protocol":"${protocol(head)}"`
    + `,"host":${known(head.authority)}${before}${known(requestField(head, 'user-agent'))}`
}

function ending({ cause, phases }: Closing): string {
  const why = cause === null ? ',"cause":null' : `,"cause":"${cause}"`
  if (phases === null) return `${why}}`
  const { body, queue } = phases
  const waits = body === 0 && queue === 0 ? ',"body":0,"queue":0,"application":' : `,"body":${tenths(body)},"queue":${tenths(queue)},"application":`
  return `${why},"ms":${tenths(phases.total)}${waits}${tenths(phases.application)},"write":${tenths(phases.write)}}`
}

const known = (text: string): string => (text === '' ? 'null' : jsonText(text))
