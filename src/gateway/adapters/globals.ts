/**
 * The platform's `Response`, `Request` and `fetch`, replaced by ones that know light objects: what a handler makes with
 * `new Response()` is light then, and what it passes on may be. To everybody else they are as before.
 */
import { LightRequest, PlatformRequest } from './light-request.ts'
import { LightResponse } from './light-response.ts'
import { passesFor } from './platform-members.ts'

class KnowingRequest extends PlatformRequest {
  constructor(...[input, init]: ConstructorParameters<typeof Request>) {
    super(LightRequest.platform(input), init)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return passesFor(value, this, KnowingRequest, PlatformRequest)
  }
}
Object.defineProperty(KnowingRequest, 'name', { value: 'Request', configurable: true })

const platformFetch = globalThis.fetch
const knowing = {
  fetch(input: Parameters<typeof fetch>[0], init: Parameters<typeof fetch>[1] = undefined): Promise<Response> {
    return platformFetch(LightRequest.platform(input), init)
  },
}

/** For the whole process; more than once changes nothing. */
export function replaceGlobals(): void {
  for (const [name, value] of [['Response', LightResponse], ['Request', KnowingRequest], ['fetch', knowing.fetch]] as const) {
    if (Reflect.get(globalThis, name) === value) continue
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: name === 'fetch' })
  }
}
