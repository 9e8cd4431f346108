/** Routes that a class of routers has as fields or decorated methods (pulsar's `@route`). */
import type { WsgiRequest } from '../request.ts'
import type { HandlerResult } from '../result.ts'
import { storedHandler, type HandlerLike, type StoredHandler } from './handler.ts'
import { handlerMethods } from './methods.ts'
import { RuleError } from './rule-error.ts'
import type { RouteParameters } from './router-parameters.ts'
import type { CheckedRule, RuleParams } from './rule-params.ts'

/** What may be said of a route in a class: what holds for any route, and its method, by default `get`. */
export interface RouteFieldParameters extends RouteParameters {
  readonly method?: string | readonly string[]
}

/** A route that is the value of a field: the router that has the field adds it below its own rule. */
export class RouteField {
  readonly rule: string
  readonly parameters: RouteFieldParameters
  readonly handler: StoredHandler

  constructor(rule: string, parameters: RouteFieldParameters, handler: unknown) {
    this.rule = rule
    this.parameters = parameters
    this.handler = storedHandler(handler, `the route '${rule}'`)
  }
}

/** A method of a router class with this type of request, decorated by `@route()`. */
export type RouteDecorator<Params> = <This extends object>(
  method: (this: This, request: WsgiRequest<Params>) => HandlerResult | PromiseLike<HandlerResult>,
  context: ClassMethodDecoratorContext<This>,
) => void

interface Decorated {
  readonly field: RouteField
  readonly method: unknown
}

/** Where the routes of decorated methods wait until their router looks for them. */
const decorated = new WeakMap<object, Map<string, Decorated>>()

/**
 * A route as the field of a class. It needs no build step:
 *
 * ```ts
 * class Users extends Router {
 *   show = route('<int:id>', (request, { id }) => ({ id }))
 *   save = route('<int:id>', { method: 'post' }, async (request, { id }) => ({ id, saved: await request.json() }))
 * }
 * ```
 */
export function route<const R extends string>(rule: R & CheckedRule<R>, handler: HandlerLike<RuleParams<R>>): RouteField
export function route<const R extends string>(rule: R & CheckedRule<R>, parameters: RouteFieldParameters, handler: HandlerLike<RuleParams<R>>): RouteField
/**
 * As a standard decorator of a method, where a compiler turns those into JavaScript (tsc, esbuild). The rule is by default the
 * method's name without `get_`, `post_` ..., which then says the method.
 */
export function route<const R extends string = string>(rule?: R & CheckedRule<R>, parameters?: RouteFieldParameters): RouteDecorator<RuleParams<R>>
export function route(rule?: string, ...given: readonly unknown[]): unknown {
  const [first, second] = given
  if (second !== undefined || isHandler(first)) {
    const [parameters, handler] = second === undefined ? [{}, first] : [first as RouteFieldParameters, second]
    if (rule === undefined) throw new RuleError('a route that is a field has its rule first: route(rule, handler)')
    return new RouteField(rule, parameters, handler)
  }
  return decorator(rule, (first ?? {}) as RouteFieldParameters)
}

const isHandler = (value: unknown): boolean =>
  typeof value === 'function' || typeof (value as { handleRequest?: unknown } | null | undefined)?.handleRequest === 'function'

function decorator(rule: string | undefined, parameters: RouteFieldParameters): RouteDecorator<never> {
  return (method, context) => {
    if (typeof context !== 'object') throw new TypeError('@route() is a decorator of the standard, not of experimentalDecorators: use a field, show = route(rule, handler)')
    const name = String(context.name)
    const named = /^(get|head|options|post|put|patch|delete|trace)_(.+)$/.exec(name)
    const all = { method: named?.[1] ?? handlerMethods[0], ...parameters }
    context.addInitializer(function (this: object) {
      const handler: StoredHandler = (request) => method.call(this as never, request as never)
      const methods = decorated.get(this) ?? new Map<string, Decorated>()
      // What a subclass decorates again keeps its place.
      decorated.set(this, methods.set(name, { field: new RouteField(rule ?? named?.[2] ?? name, all, handler), method }))
    })
  }
}

/** The routes of a router's class by the names of their fields and methods, those of its base classes first. */
export function routeFields(router: object): ReadonlyMap<string, RouteField> {
  const fields = new Map<string, RouteField>()
  for (const [name, { field, method }] of decorated.get(router) ?? []) {
    // A subclass that defines it again, undecorated, takes the route away.
    if ((router as Readonly<Record<string, unknown>>)[name] === method) fields.set(name, field)
  }
  for (const [name, value] of Object.entries(router)) if (value instanceof RouteField) fields.set(name, value)
  return fields
}
