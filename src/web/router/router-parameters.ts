/** What may be said of a router. */
import type { ParamValue } from './converter.ts'
import type { HandlerLike, ResponseWrapper } from './handler.ts'
import type { HandlerMethod } from './methods.ts'

/** What holds for a route and, names, places and defaults apart, for those below it (pulsar's RouterParam). */
export interface RouteParameters {
  /** What getRoute() finds it by; default: made from the rule. */
  readonly name?: string
  /** Values for path() where none are given. */
  readonly defaults?: Readonly<Record<string, ParamValue>>
  /** The place among the routes of a router; default: in the order of definition. */
  readonly position?: number
  /** The media types that handlers can give, best first: the client's `Accept` chooses, or the answer is 406. */
  readonly responseContentTypes?: readonly string[]
  /** Called instead of each handler, with it. */
  readonly responseWrapper?: ResponseWrapper
  /** A path that only misses a slash at its end, or has one too many, is redirected; of the router that is asked. Default: no. */
  readonly redirectSlashes?: boolean
  /** Anything else, for getParam(). */
  readonly parameters?: Readonly<Record<string, unknown>>
}

/** With handlers by method, whose parameters are those of the rule. */
export interface RouterParameters<Params> extends RouteParameters, Readonly<Partial<Record<HandlerMethod, HandlerLike<Params>>>> {}
