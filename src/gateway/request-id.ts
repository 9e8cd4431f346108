/** Names of requests, for logs: unlike any other of any server, cheap, and no secret. */
import { fieldValue, type RequestHead } from '../http/request-head.ts'

/** Of this process: its beginning, and 41 bits of chance for those that began with it. */
const prefix = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}-`
let count = 0

/** Such as `mhb1x2k3q9f0ab1c-4d`: of the process, and within it. */
export function newRequestId(): string {
  return prefix + (++count).toString(36)
}

/** What a name may be, so that it can stand in any log, URL or field as it is. */
const FORM = /^[\w.~+/=:@-]{1,128}$/

/** `X-Request-Id`, where it is one; for a peer that is trusted. */
export function givenRequestId(head: RequestHead): string | undefined {
  const given = fieldValue(head.fields, 'x-request-id')
  return given !== undefined && FORM.test(given) ? given : undefined
}
