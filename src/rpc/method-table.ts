/** Methods whose parameters and results are checked by schemas of any library (standardschema.dev), and typed by them. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { WsgiRequest } from '../web/request.ts'
import { JSONRPC, type AnyRpc, type JSONRPCOptions, type SubHandlers } from './json-rpc.ts'
import type { Params } from './protocol/call.ts'
import { InternalError, InvalidParams } from './protocol/rpc-error.ts'
import type { RpcMethod, Signature } from './rpc-method.ts'

export interface Schemas<P extends StandardSchemaV1, R extends StandardSchemaV1> extends Signature {
  /** Of an array or a tuple for parameters by position, of an object for those by name; with `parameters` they may be given either way. */
  readonly params: P
  /** What the method returns is checked, and answered in the form that the schema gives it. */
  readonly result?: R
}

/** A method of a {@link MethodTable}; `Args` and `Result` are what its caller gives and gets. */
export interface TypedMethod<Args extends readonly unknown[], Result> extends RpcMethod {
  /** For types only. */
  readonly types?: (...args: Args) => Result
}

type ArgsOf<Input> = Input extends readonly unknown[] ? Input : [params: Input]
type In<S extends StandardSchemaV1> = StandardSchemaV1.InferInput<S>
type Out<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>

/** A method without parameters. */
export function method<Result>(handler: (request: WsgiRequest) => Result): TypedMethod<[], Awaited<Result>>
/** A method whose result has a schema. */
export function method<P extends StandardSchemaV1, R extends StandardSchemaV1>(
  schemas: Schemas<P, R> & { readonly result: R }, handler: (params: Out<P>, request: WsgiRequest) => In<R> | PromiseLike<In<R>>,
): TypedMethod<ArgsOf<In<P>>, Out<R>>
/** A method whose parameters have a schema. */
export function method<P extends StandardSchemaV1, Result>(
  schemas: Schemas<P, StandardSchemaV1>, handler: (params: Out<P>, request: WsgiRequest) => Result,
): TypedMethod<ArgsOf<In<P>>, Awaited<Result>>
export function method(
  first: Schemas<StandardSchemaV1, StandardSchemaV1> | ((request: WsgiRequest) => unknown),
  handler?: (params: unknown, request: WsgiRequest) => unknown,
): TypedMethod<[], unknown> {
  if (typeof first === 'function') return withoutParams(first)
  if (typeof handler !== 'function') throw new TypeError('method(schemas, handler) needs a handler')
  const { params: schema, result, ...signature } = first
  return {
    ...signature,
    async call(request, params) {
      const value = await checkedParams(schema, params, signature.parameters)
      const returned = await handler(value, request)
      return result === undefined ? returned : checkedResult(result, returned)
    },
  }
}

function withoutParams(handler: (request: WsgiRequest) => unknown): TypedMethod<[], unknown> {
  return {
    parameters: [],
    call(request, params) {
      if (params !== undefined && Object.keys(params).length > 0) throw new InvalidParams('Invalid params: none are taken')
      return handler(request)
    },
  }
}

/** In the form that they came in; where that does not fit, and names are known, in the other. */
async function checkedParams(schema: StandardSchemaV1, params: Params | undefined, names: readonly string[] | undefined): Promise<unknown> {
  const forms: unknown[] = params === undefined ? [[], {}] : [params]
  if (params !== undefined && names !== undefined) forms.push(otherForm(params, names))
  let issues: readonly StandardSchemaV1.Issue[] | undefined
  for (const form of forms) {
    if (form === undefined) continue
    const checked = await schema['~standard'].validate(form)
    if (checked.issues === undefined) return checked.value
    issues ??= checked.issues
  }
  throw new InvalidParams(undefined, { data: { issues: (issues ?? []).map(issueData) } })
}

/** By name what was given by position, and the reverse; undefined where there are more than names, or others. */
function otherForm(params: Params, names: readonly string[]): unknown {
  const plain = names.map((name) => name.replace(/\?$/, ''))
  if (Array.isArray(params)) {
    if (params.length > plain.length) return undefined
    return Object.fromEntries(params.map((value: unknown, i) => [plain[i], value]))
  }
  if (Object.keys(params).some((name) => !plain.includes(name))) return undefined
  const values = plain.map((name) => (Object.hasOwn(params, name) ? (params as Readonly<Record<string, unknown>>)[name] : undefined))
  while (values.length > 0 && values.at(-1) === undefined) values.pop()
  return values
}

async function checkedResult(schema: StandardSchemaV1, value: unknown): Promise<unknown> {
  const checked = await schema['~standard'].validate(value)
  if (checked.issues === undefined) return checked.value
  const said = checked.issues.map(({ message, path }) => `${pathOf(path).join('.') || 'it'}: ${message}`).join('; ')
  throw new InternalError(undefined, { cause: new TypeError(`the method returned what its own schema refuses: ${said}`) })
}

function issueData({ message, path }: StandardSchemaV1.Issue): { readonly message: string, readonly path: readonly (string | number)[] } {
  return { message, path: pathOf(path) }
}

function pathOf(path: StandardSchemaV1.Issue['path']): readonly (string | number)[] {
  return (path ?? []).map((part) => {
    const key = typeof part === 'object' ? part.key : part
    return typeof key === 'number' ? key : String(key)
  })
}

/** Methods and tables by name; those of a table below are called by both names, `calc.add`. */
export type MethodMap = { readonly [name: string]: TypedMethod<never, unknown> | AnyRpc }

/** A handler of methods that are not in a class: `new MethodTable({ add: method(...), calc: new Calculator() })`. */
export class MethodTable<M extends MethodMap> extends JSONRPC<SubHandlers> {
  /** For types only. */
  declare readonly table: M
  readonly #own: ReadonlyMap<string, RpcMethod>

  constructor(methods: M, options: JSONRPCOptions = {}) {
    const entries = Object.entries(methods)
    super(Object.fromEntries(entries.filter((entry): entry is [string, AnyRpc] => entry[1] instanceof JSONRPC)), options)
    this.#own = new Map(entries.filter((entry): entry is [string, TypedMethod<never, unknown>] => !(entry[1] instanceof JSONRPC)))
    for (const name of this.#own.keys()) {
      if (name.includes(this.separator)) throw new RangeError(`${JSON.stringify(name)} cannot be the name of a method: put a table below this one`)
    }
  }

  protected override ownMethods(): ReadonlyMap<string, RpcMethod> {
    return this.#own
  }
}
