/** A handler with methods of every kind, for the tests. */
import { Http404 } from '../../src/web/http-error.ts'
import type { WsgiRequest } from '../../src/web/request.ts'
import { JSONRPC, type RpcLimits } from '../../src/rpc/json-rpc.ts'
import { RpcError } from '../../src/rpc/protocol/rpc-error.ts'
import type { Signature } from '../../src/rpc/rpc-method.ts'

export class Calculator extends JSONRPC {
  rpcAdd(_: WsgiRequest, a: number, b: number): number {
    return a + b
  }

  async rpcDivide(_: WsgiRequest, a: number, b: number): Promise<number> {
    if (b === 0) throw new RpcError(1, 'division by zero', { data: { dividend: a } })
    return a / b
  }
}

export class Specimen extends JSONRPC<{ calc: Calculator }> {
  static override readonly signatures: Readonly<Record<string, Signature>> = {
    subtract: { parameters: ['minuend', 'subtrahend'], text: 'The difference.' },
    greet: { parameters: ['name', 'greeting?'] },
  }

  readonly updates: unknown[] = []
  /** Has the name of no method. */
  secret = (): string => 'secret'

  constructor(limits: Partial<RpcLimits> = {}) {
    super({ calc: new Calculator() }, { limits })
  }

  rpcSubtract(_: WsgiRequest, minuend: number, subtrahend: number): number {
    return minuend - subtrahend
  }

  rpcGreet(_: WsgiRequest, name: string, greeting: string = 'hello'): string {
    return `${greeting} ${name}`
  }

  rpc_sum(_: WsgiRequest, ...terms: readonly number[]): number {
    return terms.reduce((sum, term) => sum + term, 0)
  }

  rpcUpdate(_: WsgiRequest, ...values: readonly unknown[]): void {
    this.updates.push(values)
  }

  async rpc_get_data(_: WsgiRequest): Promise<readonly unknown[]> {
    return ['hello', 5]
  }

  rpc_notify_hello(): void {}

  rpc_notify_sum(): void {}

  rpcPair(_: WsgiRequest, a: unknown, b: unknown): unknown {
    return [a, b]
  }

  rpcWhole(_: WsgiRequest, value: unknown): unknown {
    return value
  }

  rpcPath(request: WsgiRequest): string {
    return request.path
  }

  rpcNever(): Promise<void> {
    return new Promise(() => undefined)
  }

  rpcFails(): never {
    throw new Error('the secret of the database')
  }

  async rpcRejects(): Promise<never> {
    throw new TypeError('another secret')
  }

  rpcRefuses(): never {
    throw new RpcError(402, 'the account is empty', { data: { missing: 12 }, status: 402 })
  }

  rpcBadData(): never {
    throw new RpcError(7, 'with a circle', { data: this.rpcCircle() })
  }

  rpcMissing(): never {
    throw new Http404('there is no such page')
  }

  rpcCircle(): object {
    const circle: { self?: object } = {}
    circle.self = circle
    return circle
  }

  rpcSymbol(): symbol {
    return Symbol('no JSON')
  }

  rpcBig(): bigint {
    return 1n
  }
}
