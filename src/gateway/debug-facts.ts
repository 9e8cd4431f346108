/** What both forms of the debug page show of a request. */
import type { RequestHead } from '../http/request-head.ts'
import { reportValue } from './error-report.ts'
import { maskedUrl } from './secrets.ts'

/** What was thrown, and the environ it happened in. Only ever shown where the operator asked for it by `debug`. */
export interface DebugFacts {
  /** An Error or anything else. */
  readonly error: unknown
  /** Secrets in it are masked on the page. */
  readonly environ?: Readonly<Record<string, unknown>>
}

/** `GET /path?query HTTP/1.1`, with the secrets of the query masked. */
export function requestLine(head: RequestHead): string {
  return `${head.method} ${maskedUrl(head.target)} HTTP/${head.version}`
}

/** The environ by name, secrets masked, values in short. */
export function environRows(environ: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(Object.getOwnPropertyDescriptors(environ))
    .filter(([, descriptor]) => 'value' in descriptor)
    .map(([name, descriptor]): [string, string] => [name, reportValue(name, descriptor.value)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
