/** The application's half of the contract: what it gives to `startResponse`. */
import { HOP_HEADERS } from '../../http/field-names.ts'
import { TOKEN } from '../../http/grammar.ts'
import type { ExcInfo } from '../wsgi.ts'
import type { Fields } from '../exchange.ts'
import { isNative, shown, source, WSGIContractError, type RuleSource } from './contract-error.ts'

const statusLine = /^[2-5]\d\d [^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$/
const control = /[\x00-\x1f\x7f]/

function fail(rule: string, from: RuleSource = source.startResponse): never {
  throw new WSGIContractError('application', rule, from)
}

/** @throws {WSGIContractError} for the first rule that the arguments break */
export function checkStartResponse(args: readonly unknown[]): asserts args is [string, Fields, ExcInfo?] {
  if (args.length !== 2 && args.length !== 3) fail(`startResponse takes two or three arguments, not ${args.length}`)
  const [status, headers, excInfo] = args
  checkStatus(status)
  checkHeaders(headers)
  checkContentFields(status, headers)
  checkExcInfo(excInfo)
}

function checkStatus(status: unknown): asserts status is string {
  if (typeof status !== 'string') fail(`the status must be a string, not ${shown(status)}`)
  if (/^1\d\d/.test(status)) {
    fail(`the status ${shown(status)} is not final: interim answers and upgrades are sent by pulsar.connection`, source.mapping)
  }
  if (!statusLine.test(status)) {
    fail(`the status must be three digits from 200 to 599, one space and a reason, without control characters: ${shown(status)}`)
  }
  if (!isNative(status)) fail(`the status must have no character over U+00FF, as there is in ${shown(status)}`, source.unicode)
}

function checkHeaders(headers: unknown): asserts headers is Fields {
  if (!Array.isArray(headers)) fail(`the headers must be an array of pairs, not ${shown(headers)}`)
  for (const header of headers as unknown[]) {
    if (!Array.isArray(header) || header.length !== 2) fail(`a header must be a pair [name, value], not ${shown(header)}`)
    const [name, value] = header as [unknown, unknown]
    checkName(name)
    checkValue(name, value)
  }
}

function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string') fail(`a header's name must be a string, not ${shown(name)}`)
  if (!TOKEN.test(name)) fail(`a header's name must be a token without colon or white space, not ${shown(name)}`)
  if (name.endsWith('-') || name.endsWith('_')) fail(`a header's name must not end in "-" or "_", as ${shown(name)} does`)
  const lower = name.toLowerCase()
  if (lower === 'status') fail('the status must not be given as a header')
  if (HOP_HEADERS.has(lower)) fail(`the header ${shown(name)} is hop-by-hop: it is the server's`, source.otherFeatures)
}

function checkValue(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') fail(`the value of ${name} must be a string, not ${shown(value)}`)
  if (control.test(value)) fail(`the value of ${name} must have no control character, CR and LF included, not ${shown(value)}`)
  if (!isNative(value)) fail(`the value of ${name} must have no character over U+00FF: ${shown(value)}`, source.unicode)
}

function checkContentFields(status: string, headers: Fields): void {
  const lengths = valuesOf(headers, 'content-length')
  const types = valuesOf(headers, 'content-type')
  if (lengths.length > 1) fail('Content-Length must not be given twice', source.contentLength)
  const length = lengths[0]
  if (length !== undefined && !/^\d+$/.test(length)) {
    fail(`Content-Length must be a decimal number, not ${shown(length)}`, source.contentLength)
  }
  const code = status.slice(0, 3)
  if (code === '204' && length !== undefined) fail('a 204 must not have Content-Length', 'RFC 9110 section 8.6')
  if (code === '204' || code === '304') {
    if (types.length > 0) fail(`a ${code} has no content and so no Content-Type`, source.mapping)
  } else if (types.length === 0 && !isZero(length)) {
    fail('an answer that may have content must have Content-Type, or a Content-Length of 0', source.mapping)
  }
  if (types.length > 1) fail('Content-Type must not be given twice', 'RFC 9110 section 8.3')
}

function isZero(length: string | undefined): boolean {
  return length !== undefined && Number(length) === 0
}

function valuesOf(headers: Fields, name: string): string[] {
  return headers.filter((header) => header[0].toLowerCase() === name).map((header) => header[1])
}

function checkExcInfo(excInfo: unknown): asserts excInfo is ExcInfo | undefined {
  if (excInfo === undefined || excInfo instanceof Error) return
  if (!Array.isArray(excInfo) || excInfo.length === 0) {
    fail(`excInfo must be an Error, or an array that begins with what was thrown, not ${shown(excInfo)}`, source.errors)
  }
}
