/** A method that can be called from afar, and what people may read of it. */
import type { WsgiRequest } from '../web/request.ts'
import type { Params } from './protocol/call.ts'

export interface Signature {
  /** Names of the parameters in their order, by which they can be given; one that may be left out ends with `?`. */
  readonly parameters?: readonly string[]
  /** What it does, for people. */
  readonly text?: string
}

export interface RpcMethod extends Signature {
  /** @throws {InvalidParams} and what the method throws */
  call(request: WsgiRequest, params: Params | undefined): unknown
}

/** A row of what a handler has. */
export type FunctionRow = readonly [name: string, about: { readonly doc: string, readonly section: string, readonly parameters: readonly string[] }]
