/** The methods of a router that have the name of an HTTP method. */
import type { WsgiRequest } from '../request.ts'
import { WsgiCallable } from '../wsgi-callable.ts'
import type { HandlerLike } from './handler.ts'
import { handlerMethods, type HandlerMethod } from './methods.ts'
import type { RouteParameters } from './router-parameters.ts'
import type { CheckedRule, NestedParams } from './rule-params.ts'

/**
 * Each adds a handler for a rule below the router's own: `router.get('users/<int:id>', (request, { id }) => ...)`.
 *
 * A subclass may have a method of the same name, `get(request)`, which then is the handler of the router's own rule. That is why
 * a request stands in the types of these: nobody calls them with one.
 */
export abstract class RouterMethods<Rule extends string> extends WsgiCallable {
  /** Adds a handler for one method or several, known ones or others: `router.on(['GET', 'REPORT'], 'history', handler)`. */
  abstract on<const R extends string>(
    methods: string | readonly string[], rule: R & CheckedRule<R>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters,
  ): void

  get<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('GET', textOf(rule, 'get'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }

  head<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('HEAD', textOf(rule, 'head'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }

  options<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('OPTIONS', textOf(rule, 'options'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }

  post<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('POST', textOf(rule, 'post'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }

  put<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('PUT', textOf(rule, 'put'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }

  patch<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('PATCH', textOf(rule, 'patch'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }

  delete<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('DELETE', textOf(rule, 'delete'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }

  trace<const R extends string>(rule: (R & CheckedRule<R>) | WsgiRequest<unknown>, handler: HandlerLike<NestedParams<Rule, R>>, parameters?: RouteParameters): void {
    this.on<string>('TRACE', textOf(rule, 'trace'), handler as HandlerLike<NestedParams<Rule, string>>, parameters)
  }
}

/** The methods that a subclass has as handlers of its own. */
export function ownHandlers(router: RouterMethods<string>): (readonly [method: HandlerMethod, handler: unknown])[] {
  const adding = RouterMethods.prototype as unknown as Readonly<Record<HandlerMethod, unknown>>
  const all = router as unknown as Readonly<Record<HandlerMethod, unknown>>
  return handlerMethods.filter((method) => all[method] !== adding[method]).map((method) => [method, all[method]])
}

function textOf(rule: string | WsgiRequest<unknown>, method: HandlerMethod): string {
  if (typeof rule === 'string') return rule
  throw new TypeError(`${method}(rule, handler) adds a handler, and was called with ${typeof rule}: this router has none of its own for ${method.toUpperCase()}`)
}
