/** A handler of JSON-RPC 2.0 (pulsar's JSONRPC). */
import { HttpError } from '../web/http-error.ts'
import type { WsgiRequest } from '../web/request.ts'
import { parseJson } from '../web/request-json.ts'
import { WsgiResponse } from '../web/response.ts'
import { classMethods } from './class-methods.ts'
import { answer, errorAnswer, type Answer, type Answering } from './protocol/answer.ts'
import type { Params } from './protocol/call.ts'
import { errorCodes, InternalError, InvalidRequest, NoSuchFunction, ParseError, RpcError } from './protocol/rpc-error.ts'
import type { FunctionRow, RpcMethod, Signature } from './rpc-method.ts'

/** The most that a client may ask for. Of a tree of handlers those of the outermost hold. */
export interface RpcLimits {
  /** Bytes of a request over HTTP, or characters of a message. Default 1 MiB. */
  readonly size: number
  /** Requests of a batch. Default 100. */
  readonly batchSize: number
  /** Requests of a batch, or messages of a socket, that are under way at once. Default 16. */
  readonly concurrency: number
  /** Arrays and objects within one another. Default 100. */
  readonly depth: number
}

export const defaultRpcLimits: RpcLimits = Object.freeze({ size: 1_048_576, batchSize: 100, concurrency: 16, depth: 100 })

export interface JSONRPCOptions {
  readonly title?: string
  /** For people: what this handler is for. */
  readonly documentation?: string
  readonly limits?: Partial<RpcLimits>
}

/** Any handler. */
export type AnyRpc = JSONRPC<SubHandlers>

/** Handlers below another, by the first part of their methods' names. A type, so that interfaces and classes can be one. */
export type SubHandlers = { readonly [prefix: string]: AnyRpc }

const PLAIN_TYPE = 'application/json'
const SEPARATOR = '.'
const JSON_TYPE = /^application\/(?:json|json-rpc|jsonrequest|[\w.-]+\+json)$/

/**
 * Methods named `rpcAdd(request, a, b)` are called by `add`; handlers below, as in `new Root({ calc: new Calculator() })`, by
 * `calc.add`. It is taken wherever a handler is: `new Router('/rpc', { post: new Root() })`.
 */
export class JSONRPC<Sub extends SubHandlers = Record<never, AnyRpc>> {
  /** What is to be said of the methods: names of their parameters, and what they do. */
  static readonly signatures: Readonly<Record<string, Signature>> = {}

  readonly title: string
  readonly documentation: string
  readonly limits: RpcLimits
  readonly separator: string = SEPARATOR
  /** For types only. */
  declare readonly sub: Sub

  #parent: AnyRpc | undefined
  readonly #children = new Map<string, AnyRpc>()
  #methods: ReadonlyMap<string, RpcMethod> | undefined

  constructor(subHandlers: Partial<Sub> = {}, options: JSONRPCOptions = {}) {
    this.title = options.title ?? ''
    this.documentation = options.documentation ?? ''
    this.limits = { ...defaultRpcLimits, ...options.limits }
    for (const [prefix, handler] of Object.entries(subHandlers)) this.putSubHandler(prefix, handler as AnyRpc)
  }

  get parent(): AnyRpc | undefined {
    return this.#parent
  }

  get root(): AnyRpc {
    return this.#parent?.root ?? (this as unknown as AnyRpc)
  }

  isRoot(): boolean {
    return this.#parent === undefined
  }

  get subHandlers(): ReadonlyMap<string, AnyRpc> {
    return this.#children
  }

  getSubHandler(prefix: string): AnyRpc | undefined {
    return this.#children.get(prefix)
  }

  /** Puts a handler below this one; gives this one back. @throws {RangeError} for a prefix that cannot be one */
  putSubHandler(prefix: string, handler: AnyRpc): this {
    // Section 4: method names that begin with `rpc.` are reserved.
    if (prefix === '' || prefix === 'rpc' || prefix.includes(SEPARATOR)) throw new RangeError(`${JSON.stringify(prefix)} cannot be the prefix of methods`)
    if (handler.root === this.root) throw new RangeError('a handler cannot be twice in a tree')
    handler.#parent = this as unknown as AnyRpc
    this.#children.set(prefix, handler)
    this.#changed()
    return this
  }

  /** Every method by its full name, those of handlers below included. */
  get methods(): ReadonlyMap<string, RpcMethod> {
    if (this.#methods !== undefined) return this.#methods
    const methods = new Map(this.ownMethods())
    for (const [prefix, handler] of this.#children) {
      for (const [name, method] of handler.methods) methods.set(prefix + SEPARATOR + name, method)
    }
    this.#methods = methods
    return methods
  }

  /** pulsar's list: each method with what it does, and the handler that it belongs to. */
  listFunctions(): readonly FunctionRow[] {
    return [...this.methods].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { text = '', parameters = [] }]) =>
      [name, { doc: text, section: name.includes(SEPARATOR) ? name.slice(0, name.lastIndexOf(SEPARATOR)) : '', parameters }])
  }

  /** The documentation of all methods, as Markdown. */
  docs(): string {
    const head = [this.title === '' ? '' : `# ${this.title}`, this.documentation].filter((part) => part !== '')
    const parts = this.listFunctions().map(([name, { doc, parameters }]) => `## ${name}(${parameters.join(', ')})${doc === '' ? '' : `\n\n${doc}`}`)
    return `${[...head, ...parts].join('\n\n')}\n`
  }

  /**
   * Over HTTP: answers the body of a POST. What is JSON-RPC is answered with 200, or the error's own status; what is none with
   * 4xx. Without a promise where the body came with its head and the method returns none: its turns would cost more than the call.
   */
  handleRequest(request: WsgiRequest): WsgiResponse | Promise<WsgiResponse> {
    const text = this.#textOf(request)
    return text instanceof Promise ? text.then((read) => this.#respond(read, request)) : this.#respond(text, request)
  }

  /**
   * Over anything else: answers a message, for instance of a WebSocket.
   * @param request what the connection began with
   * @returns undefined where nothing is to be answered
   */
  async handleMessage(text: string, request: WsgiRequest): Promise<string | undefined> {
    if (text.length > this.limits.size) {
      return errorAnswer(new InvalidRequest(`Invalid Request: the message is longer than ${this.limits.size} characters`)).text
    }
    return (await this.#answerText(text, request)).text
  }

  /** Calls a method from within the process. @throws {RpcError} and what the method throws */
  invoke(method: string, params: Params | undefined, request: WsgiRequest): unknown {
    const found = this.methods.get(method)
    if (found === undefined) throw new NoSuchFunction()
    return found.call(request, params)
  }

  protected ownMethods(): ReadonlyMap<string, RpcMethod> {
    return classMethods(this, JSONRPC.prototype)
  }

  /** What a page of another site can send is no JSON: such a request is refused before its body is read. */
  #checkType(request: WsgiRequest): void {
    const plain = request.environ.CONTENT_TYPE === PLAIN_TYPE
    if (!plain && !JSON_TYPE.test(request.contentType)) throw new HttpError(415, 'the Content-Type of the body is not one of JSON')
    const accept = request.environ.HTTP_ACCEPT
    if (typeof accept !== 'string' || accept.includes('*/*') || accept.includes('json')) return
    if (request.accepts('application/json') === undefined) throw new HttpError(406, 'the answer is JSON, which the client does not accept')
  }

  /** The body, or the answer where it is none that is read. */
  #textOf(request: WsgiRequest): string | Answer | Promise<string | Answer> {
    try {
      this.#checkType(request)
      const text = request.textNow({ memory: this.limits.size })
      return text instanceof Promise ? text.catch(unread) : text
    } catch (error) {
      return unread(error)
    }
  }

  #respond(text: string | Answer, request: WsgiRequest): WsgiResponse | Promise<WsgiResponse> {
    const answered = typeof text === 'string' ? this.#answerText(text, request) : text
    return answered instanceof Promise ? answered.then(httpResponse) : httpResponse(answered)
  }

  #answerText(text: string, request: WsgiRequest): Answer | Promise<Answer> {
    let value: unknown
    try {
      value = parseJson(text, this.limits.depth)
    } catch (error) {
      return errorAnswer(unreadable(error))
    }
    return answer(value, new RequestAnswering(this as unknown as AnyRpc, request))
  }

  /** What was worked out for this handler and those above is old. */
  #changed(): void {
    this.#methods = undefined
    if (this.#parent !== undefined) this.#parent.#changed()
  }
}

class RequestAnswering implements Answering {
  private readonly rpc: AnyRpc
  private readonly request: WsgiRequest

  constructor(rpc: AnyRpc, request: WsgiRequest) {
    this.rpc = rpc
    this.request = request
  }

  get batchSize(): number {
    return this.rpc.limits.batchSize
  }

  get concurrency(): number {
    return this.rpc.limits.concurrency
  }

  invoke(method: string, params: Params | undefined): unknown {
    return this.rpc.invoke(method, params, this.request)
  }

  errorFor(thrown: unknown): RpcError {
    return errorFor(thrown, this.request)
  }
}

/** What is answered in the place of a body that is not read, or is no text. */
function unread(error: unknown): Answer {
  if (!(error instanceof HttpError)) throw error
  // 400: bytes that are no text.
  return errorAnswer(error.status === 400 ? new ParseError() : refusalOf(error))
}

function unreadable(error: unknown): RpcError {
  if (!(error instanceof HttpError)) throw error
  // It is JSON, and no request that anybody should take: too deep, or with keys that reach for a prototype.
  return error.cause instanceof SyntaxError ? new ParseError() : refusalOf(error)
}

function refusalOf({ message, status }: HttpError): InvalidRequest {
  return new InvalidRequest(`Invalid Request: ${message}`, { status })
}

/** An error that was meant for the caller is; of any other the caller gets nothing but that there was one. */
function errorFor(thrown: unknown, request: WsgiRequest): RpcError {
  if (thrown instanceof RpcError) {
    if (thrown instanceof InternalError && thrown.cause !== undefined) report(thrown.cause, request)
    return thrown
  }
  if (thrown instanceof HttpError && thrown.expose) {
    return new RpcError(errorCodes.serverError, thrown.message, { status: thrown.status, data: { status: thrown.status } })
  }
  report(thrown, request)
  return new InternalError(undefined, thrown instanceof HttpError ? { status: thrown.status } : {})
}

function report(thrown: unknown, request: WsgiRequest): void {
  request.environ['wsgi.errors'].write(`${thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)}\n`)
}

function httpResponse({ text, error }: Answer): WsgiResponse {
  if (text === undefined) return new WsgiResponse({ status: 204 })
  return WsgiResponse.jsonText(text, error?.status === undefined ? undefined : { status: error.status })
}
