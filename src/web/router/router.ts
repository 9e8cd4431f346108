/** Routes to handlers, and to further routers (pulsar's Router). */
import type { Environ, StartResponse, WSGIApplication } from '../../gateway/wsgi.ts'
import { Html } from '../content/html.ts'
import type { Child } from '../content/rendering.ts'
import type { MiddlewareResult } from '../middleware.ts'
import type { UrlArgs, WsgiRequest } from '../request.ts'
import { WsgiResponse } from '../response.ts'
import type { HandlerResult } from '../result.ts'
import { WsgiCallable } from '../wsgi-callable.ts'
import { storedHandler, type HandlerLike, type ResponseWrapper, type StoredHandler } from './handler.ts'
import { handlerMethods, methodToken } from './methods.ts'
import { Mounted } from './mounted.ts'
import { Resource } from './resource.ts'
import { Route } from './route.ts'
import { RouteTable } from './route-table.ts'
import { routeFields, type RouteField } from './route-field.ts'
import { ownHandlers, RouterMethods } from './router-methods.ts'
import { RuleError } from './rule-error.ts'
import type { RouteParameters, RouterParameters } from './router-parameters.ts'
import type { CheckedRule, NestedParams, RuleParams } from './rule-params.ts'
import { slashRedirect } from './slash-redirect.ts'

/** Any router, whatever its rule. */
export interface RouterChild {
  (environ: Environ, startResponse: StartResponse): ReturnType<WSGIApplication>
  readonly fullRoute: Route<string, string>
}

type AnyRouter = Router<string>
type Target = Resource | Mounted

/** What is said of one router and does not hold for those below it. */
const NOT_INHERITED: readonly string[] = ['name', 'position', 'defaults']
let created = 0

export class Router<Rule extends string = string> extends RouterMethods<Rule> {
  /** What getRoute() finds it by. */
  override name: string
  /** The rule of this router alone. */
  readonly route: Route<string, string>
  /** A running number, in the order in which routers were made. */
  readonly creationCount: number = ++created
  /** For subclasses to say; see {@link RouteParameters}. */
  declare readonly responseContentTypes?: readonly string[]
  declare readonly responseWrapper?: ResponseWrapper
  declare readonly redirectSlashes?: boolean

  #parent: AnyRouter | undefined
  readonly #parameters: RouteParameters
  readonly #children: (AnyRouter | Mounted)[] = []
  readonly #handlers = new Map<string, StoredHandler>()
  #fields: ReadonlyMap<string, RouteField> | undefined
  #table: RouteTable<Target> | undefined
  #resource: Resource | undefined

  /**
   * @param rule where it is below its parent: `'users/<int:id>'`
   * @param rest routers below it, and what there is to say of it: handlers by method, `name`, `responseContentTypes` ...
   * @throws {RuleError} for a bad rule, or two children with the same
   */
  constructor(rule: Rule & CheckedRule<Rule>, ...rest: readonly (RouterChild | RouterParameters<RuleParams<Rule>>)[]) {
    super()
    const given: Record<string, unknown> = {}
    for (const one of rest) if (!(one instanceof WsgiCallable)) Object.assign(given, one)
    const parameters = given as RouterParameters<UrlArgs>
    this.route = new Route<string, string>(rule, parameters.defaults)
    this.name = parameters.name ?? this.route.name
    this.#parameters = parameters
    for (const method of handlerMethods) {
      const handler = parameters[method]
      if (handler !== undefined) this.#handlers.set(method.toUpperCase(), storedHandler(handler, `${method.toUpperCase()} ${this.route.path}`))
    }
    for (const one of rest) if (one instanceof Router) this.addChild(one)
  }

  /** The text of this router's own rule. */
  get rule(): string {
    return this.route.rule
  }

  /** The rule with those of all routers above. */
  get fullRoute(): Route<string, string> {
    return this.#parent === undefined ? this.route : this.#parent.fullRoute.join(this.route)
  }

  get parent(): AnyRouter | undefined {
    return this.#parent
  }

  get root(): AnyRouter {
    return this.#parent?.root ?? this.#self
  }

  /** The routers below, in the order in which they are tried. */
  get routes(): readonly AnyRouter[] {
    return this.#ordered().filter((child): child is AnyRouter => child instanceof Router)
  }

  get defaults(): Readonly<Record<string, string | number>> {
    return this.route.defaults
  }

  /** The methods that have a handler for this router's own rule, as they were given; HEAD and OPTIONS need none. */
  get methods(): readonly string[] {
    this.#settle()
    return [...this.#handlers.keys()]
  }

  /** The routes that the class has as fields and decorated methods, by their names. */
  get ruleMethods(): ReadonlyMap<string, RouteField> {
    this.#settle()
    return this.#fields ?? new Map<string, RouteField>()
  }

  override on<const R extends string>(
    methods: string | readonly string[], rule: R & CheckedRule<R>, handler: HandlerLike<NestedParams<Rule, R>>, parameters: RouteParameters = {},
  ): void {
    const child = this.#childFor(rule, parameters)
    for (const method of typeof methods === 'string' ? [methods] : methods) child.#handle(methodToken(method), handler)
  }

  /**
   * Gives all paths at and below a prefix to an application, which has the prefix in `SCRIPT_NAME`. The prefix may have
   * variables, and takes its place among the other routes.
   */
  mount(prefix: string, application: WSGIApplication): void {
    this.#children.push(new Mounted(new Route<string>(prefix), application))
    this.#changed()
  }

  /**
   * Puts a router below this one; the same again changes nothing, and one that was elsewhere is moved.
   * @throws {RuleError} where there is another one with the same rule, or with the same up to the names of variables
   */
  addChild<C extends RouterChild>(child: C): C {
    if (!(child instanceof Router)) throw new TypeError('a child of a router is a router; other applications are mounted')
    const router = child as AnyRouter
    if (this.hasParent(router)) throw new RuleError(`the router '${this.route.path}' cannot be below itself`)
    if (this.#children.includes(router)) return child
    this.#refuseTwin(router.route)
    router.#parent?.removeChild(router)
    router.#parent = this.#self
    this.#children.push(router)
    this.#changed()
    return child
  }

  removeChild(child: RouterChild): void {
    const index = this.#children.findIndex((one) => one === child)
    if (index < 0) return
    const [removed] = this.#children.splice(index, 1)
    if (removed instanceof Router) removed.#parent = undefined
    this.#changed()
  }

  /** True for this router and all above it. */
  hasParent(router: RouterChild): boolean {
    return this.#self === router || (this.#parent?.hasParent(router) ?? false)
  }

  /** The router of a name below this one: the nearest, and of those the first. */
  getRoute(name: string): AnyRouter | undefined {
    const { routes } = this
    return routes.find((child) => child.name === name) ?? routes.map((child) => child.getRoute(name)).find((found) => found !== undefined)
  }

  /**
   * What was said of this router, else what its class says, else what holds for the router above (pulsar's RouterParam).
   * @param name one of {@link RouteParameters}, or of their `parameters`
   */
  getParam<K extends keyof RouteParameters>(name: K): RouteParameters[K]
  getParam(name: string, otherwise?: unknown): unknown
  getParam(name: string, otherwise?: unknown): unknown {
    const { parameters = {}, ...given } = this.#parameters
    const own = ownValue(given, name) ?? ownValue(parameters, name)
    if (own !== undefined) return own
    const ofClass = name in Object.prototype ? undefined : (this as unknown as Readonly<Record<string, unknown>>)[name]
    if (ofClass !== undefined || NOT_INHERITED.includes(name)) return ofClass ?? otherwise
    return this.#parent === undefined ? otherwise : this.#parent.getParam(name, otherwise)
  }

  /**
   * The path to this router, percent-encoded.
   * @throws {RangeError} where a value is missing, or is one that the rule would not match
   */
  path(values: Readonly<Record<string, unknown>> = {}): string {
    return this.fullRoute.build(values)
  }

  /** An anchor to this router: `router.link('Profile', { id: 7 })`. Its text is by default the path. */
  link(text?: Child, values: Readonly<Record<string, unknown>> = {}): Html {
    const path = this.path(values)
    return new Html('a', { href: path }, text ?? path)
  }

  /** The router that a path leads to, and the values of the variables; undefined where it leads nowhere, or to a mounted application. */
  resolve(path: string): { readonly router: AnyRouter, readonly params: UrlArgs } | undefined {
    const found = this.#routes().find(path.startsWith('/') ? path : `/${path}`)
    if (found === undefined || found.target instanceof Mounted) return undefined
    return { router: found.target.app as AnyRouter, params: found.target.params(found.values) }
  }

  override respond(environ: Environ, startResponse: StartResponse): MiddlewareResult | PromiseLike<MiddlewareResult> {
    const path = environ.PATH_INFO
    const table = this.#table ?? this.#routes()
    // A mounted application may be asked without a path, and then means its root.
    const found = table.find(path === '' ? '/' : path)
    if (found === undefined) return this.#missed(environ, table)
    if (found.target instanceof Resource) {
      const connection = environ['pulsar.connection'] as Environ['pulsar.connection'] | undefined
      if (connection !== undefined) connection.route = found.target.route
      return found.target.respond(environ, found.values)
    }
    return found.target.respond(environ, startResponse, found.length)
  }

  /** As the handler of another router: this one's own handlers, by the request's method. */
  handleRequest(request: WsgiRequest): HandlerResult | PromiseLike<HandlerResult> {
    this.#resource ??= this.#makeResource(this.fullRoute)
    return this.#resource.handle(request)
  }

  /** Without the type of the rule. */
  get #self(): AnyRouter {
    return this as unknown as AnyRouter
  }

  #missed(environ: Environ, table: RouteTable<Target>): WsgiResponse | undefined {
    if (this.getParam('redirectSlashes') !== true) return undefined
    const location = slashRedirect(environ, (path) => table.find(path) !== undefined)
    return location === undefined ? undefined : WsgiResponse.redirect(location, 308)
  }

  /** The router of a rule below this one, made where there is none yet; this one for its own. */
  #childFor(rule: string, parameters: RouteParameters): AnyRouter {
    const route = new Route<string, string>(rule, parameters.defaults)
    if (route.rule === '') return this.#self
    const known = this.#children.find((child): child is AnyRouter => child instanceof Router && child.route.equals(route))
    if (known === undefined) return this.addChild(new Router<string>(rule, parameters))
    if (Object.keys(parameters).length > 0) throw new RuleError(`'${route.path}' has its parameters from the handler that came first`)
    return known
  }

  #handle(method: string, handler: unknown): void {
    if (this.#handlers.has(method)) throw new RuleError(`${method} '${this.fullRoute.path}' has a handler already`)
    this.#handlers.set(method, storedHandler(handler, `${method} ${this.fullRoute.path}`))
    this.#changed()
  }

  #refuseTwin(route: Route<string, string>): void {
    const twin = this.#children.find((child) => child instanceof Router && child.route.shape === route.shape)
    if (twin !== undefined) throw new RuleError(`the rule '${route.path}' is there already${twin.route.equals(route) ? '' : `, as '${twin.route.path}'`}`)
  }

  /** Routes of the class are there when its constructors have run, and before anything is looked for. */
  #settle(): void {
    if (this.#fields !== undefined) return
    this.#fields = routeFields(this)
    for (const { rule, parameters: { method = 'get', ...parameters }, handler } of this.#fields.values()) {
      const known = this.#children.some((child) => child.route.equals(new Route<string>(rule)))
      this.on<string>(method, rule, handler as HandlerLike<NestedParams<Rule, string>>, known ? {} : parameters)
    }
    for (const [method, handler] of ownHandlers(this.#self)) {
      if (typeof handler === 'function') this.#handle(method.toUpperCase(), handler.bind(this))
    }
  }

  #ordered(): readonly (AnyRouter | Mounted)[] {
    this.#settle()
    const position = (child: AnyRouter | Mounted, index: number): number =>
      (child instanceof Router ? child.#parameters.position : undefined) ?? index
    return this.#children.map((child, index) => ({ child, at: position(child, index) })).sort((a, b) => a.at - b.at).map(({ child }) => child)
  }

  #routes(): RouteTable<Target> {
    if (this.#table !== undefined) return this.#table
    const table = new RouteTable<Target>()
    this.#collect(this.fullRoute, table)
    this.#table = table
    return table
  }

  #collect(full: Route<string, string>, table: RouteTable<Target>): void {
    this.#settle()
    if (this.#handlers.size > 0) table.add(full, this.#makeResource(full))
    for (const child of this.#ordered()) {
      if (child instanceof Mounted) table.addPrefix(full.join(child.route), child)
      else child.#collect(full.join(child.route), table)
    }
  }

  #makeResource(full: Route<string, string>): Resource {
    this.#settle()
    return new Resource({
      app: this, route: full.path, names: full.orderedVariables, handlers: this.#handlers,
      contentTypes: this.getParam('responseContentTypes'), wrapper: this.getParam('responseWrapper'),
    })
  }

  /** What was worked out for this router and those above is old. */
  #changed(): void {
    this.#table = undefined
    this.#resource = undefined
    if (this.#parent !== undefined) this.#parent.#changed()
  }
}

function ownValue(values: object, name: string): unknown {
  return Object.hasOwn(values, name) ? (values as Readonly<Record<string, unknown>>)[name] : undefined
}
