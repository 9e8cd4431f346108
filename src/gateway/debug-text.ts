import type { RequestHead } from '../http/request-head.ts'
import { environRows, requestLine, type DebugFacts } from './debug-facts.ts'
import { reportError, type ErrorReport } from './error-report.ts'
import type { Frame } from './stack-frames.ts'

/** The debug page for a client that would not have HTML: a terminal. Control characters are shown as U+FFFD. */
export function debugText(status: string, head: RequestHead | undefined, facts: DebugFacts): string {
  const parts = [status, ...reportError(facts.error).map(errorText)]
  if (head !== undefined) parts.push(`Request\n  ${requestLine(head)}`)
  if (facts.environ !== undefined) {
    parts.push(
      `Environ\n${environRows(facts.environ)
        .map(([name, value]) => `  ${name}: ${value}`)
        .join('\n')}`
    )
  }
  // An escape sequence of a client's would otherwise act on the terminal it is shown on.
  return `${parts.join('\n\n')}\n`.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '\ufffd')
}

function errorText(report: ErrorReport): string {
  const title = `${report.relation === '' ? '' : `${report.relation}: `}${report.name}: ${report.message}`
  const properties = report.properties.map(([name, value]) => `  ${name}: ${value}`)
  const first = report.frames.findIndex((frame) => frame.excerpt.length > 0)
  return [title, ...properties, ...report.frames.flatMap((frame, index) => frameText(frame, index === first))].join('\n')
}

function frameText(frame: Frame, withSource: boolean): string[] {
  const source = withSource
    ? frame.excerpt.map(({ number, text }) => `    ${number === frame.line ? '>' : ' '} ${String(number).padStart(5)} | ${text}`)
    : []
  return [`  at ${frame.text}`, ...source]
}
