/** Methods that a class has by name: `rpcAdd(request, a, b)` and `rpc_add(request, a, b)` are both `add`. */
import type { WsgiRequest } from '../web/request.ts'
import { bindParams } from './protocol/bind-params.ts'
import type { RpcMethod, Signature } from './rpc-method.ts'

type RpcFunction = (this: unknown, request: WsgiRequest, ...args: readonly unknown[]) => unknown

/**
 * The methods of an object and of its classes, up to a base class that has none. Only functions with such a name are looked at:
 * nothing else of an object can be reached, whatever a client sends.
 */
export function classMethods(handler: object, base: object): ReadonlyMap<string, RpcMethod> {
  const methods = new Map<string, RpcMethod>()
  for (const level of levels(handler, base)) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      const name = exposedName(key)
      if (name !== undefined && typeof value === 'function') methods.set(name, methodOf(handler, name, value as RpcFunction))
      // What a subclass sets to undefined it takes away.
      else if (name !== undefined && value === undefined) methods.delete(name)
    }
  }
  return methods
}

/** From the base's first subclass down to the object itself. */
function levels(handler: object, base: object): readonly object[] {
  const found: object[] = []
  for (let level: unknown = handler; level !== base && typeof level === 'object' && level !== null; level = Object.getPrototypeOf(level)) {
    found.unshift(level)
  }
  return found
}

function exposedName(key: string): string | undefined {
  const match = /^rpc(?:_(\w+)|([A-Z]\w*))$/.exec(key)
  if (match === null) return undefined
  const [, snake, camel = ''] = match
  return snake ?? `${camel.charAt(0).toLowerCase()}${camel.slice(1)}`
}

function methodOf(handler: object, name: string, call: RpcFunction): RpcMethod {
  const signature = signatureOf(handler, name)
  // The first parameter is the request. Those with a default, and what is behind one, are not counted by the language.
  const required = Math.max(0, call.length - 1)
  return {
    ...signature,
    call: (request, params) => call.call(handler, request, ...bindParams(params, signature.parameters, required)),
  }
}

/** From the nearest class that says something of the method. */
function signatureOf(handler: object, name: string): Signature {
  for (let Class: unknown = handler.constructor; typeof Class === 'function'; Class = Object.getPrototypeOf(Class)) {
    const own = Object.getOwnPropertyDescriptor(Class, 'signatures')?.value as Readonly<Record<string, Signature>> | undefined
    if (own !== undefined && Object.hasOwn(own, name)) return own[name] as Signature
  }
  return {}
}
