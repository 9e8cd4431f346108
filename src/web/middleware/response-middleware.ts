/** The base of middleware that changes an answer: an object that is called like a function. */
import type { Environ } from '../../gateway/wsgi.ts'
import type { WsgiResponse } from '../response.ts'

type Changed = WsgiResponse | undefined | Promise<WsgiResponse | undefined>

export interface ResponseMiddlewareBase {
  /** @returns the answer to send; undefined where it stays the one that was given */
  (environ: Environ, response: WsgiResponse): Changed
}

/** Subclasses say which answers they are for, and what they do with them. */
export abstract class ResponseMiddlewareBase {
  constructor() {
    const call = (environ: Environ, response: WsgiResponse): Changed =>
      self.available(environ, response) ? self.execute(environ, response) : undefined
    const self = Object.setPrototypeOf(call, new.target.prototype) as this
    return self
  }

  /** True where the answer is to be changed. */
  available(_environ: Environ, _response: WsgiResponse): boolean {
    return true
  }

  /** Changes the answer, or makes another. */
  abstract execute(environ: Environ, response: WsgiResponse): Changed
}
