/** What a handler returned, whatever made it. */
import { statusLine } from '../../http/statuses.ts'
import { LightResponse } from './light-response.ts'
import type { ResponseParts } from './response-parts.ts'

/** @throws {TypeError} for what is no response, or one that has been used */
export function partsOf(response: unknown): ResponseParts {
  const light = typeof response === 'object' && response !== null ? LightResponse.parts(response) : undefined
  if (light !== undefined) return light
  if (!isResponse(response)) throw new TypeError(`the fetch handler returned ${describe(response)}, not a Response`)
  const { status, statusText, headers, body } = response
  if (status === 0) throw new TypeError('the fetch handler returned Response.error(): a network error has no answer')
  if (response.bodyUsed || body?.locked === true) throw new TypeError('the fetch handler returned a Response whose body has been used already')
  return { status: statusText === '' ? statusLine(status) : `${status} ${statusText}`, fields: [...headers], body }
}

/** By its shape: other implementations' than the platform's are answers as well. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers } = value as Partial<Response>
  return typeof status === 'number' && typeof headers?.[Symbol.iterator] === 'function'
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  return `an object (${value.constructor?.name ?? 'without a prototype'})`
}
