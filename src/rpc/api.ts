/** The type of a server's methods, as whoever calls them sees it. Types only: nothing of the server is loaded with them. */
import type { AnyRpc, JSONRPC, SubHandlers } from './json-rpc.ts'
import type { MethodMap, MethodTable, TypedMethod } from './method-table.ts'

/** A method at the other end. */
export type RemoteMethod<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Awaited<Result>>

/** `rpcAdd` and `rpc_add` are called `add`. */
type MethodName<K> = K extends `rpc_${infer Name}` ? Name : K extends `rpc${infer Name}` ? (Name extends Capitalize<Name> ? Uncapitalize<Name> : never) : never

type ClassMethod<M> =
  M extends () => infer Result ? RemoteMethod<[], Result>
    : M extends (request: never, ...args: infer Args) => infer Result ? RemoteMethod<Args, Result> : never

type ClassApi<T> = { readonly [K in keyof T as MethodName<K>]: ClassMethod<T[K]> }
type SubApi<Sub extends SubHandlers> = { readonly [K in keyof Sub]: ApiOf<Sub[K]> }
type TableApi<M extends MethodMap> = {
  readonly [K in keyof M]: M[K] extends AnyRpc ? ApiOf<M[K]>
    : M[K] extends TypedMethod<infer Args, infer Result> ? RemoteMethod<Args, Result> : never
}
/** An interface of functions, for servers that are not written in TypeScript. */
type PlainApi<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer Args) => infer Result ? RemoteMethod<Args, Result> : PlainApi<T[K]>
}

/** What can be called of a {@link JSONRPC}, of a {@link MethodTable}, or of an interface of functions. */
export type ApiOf<T> =
  T extends MethodTable<infer M> ? TableApi<M>
    : T extends JSONRPC<infer Sub> ? ClassApi<T> & SubApi<Sub>
      : PlainApi<T>
