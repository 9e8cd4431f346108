/** Parameters of a call, as the arguments of a function. */
import type { Params } from './call.ts'
import { InvalidParams } from './rpc-error.ts'

/**
 * @param names of the function's parameters; one that ends with `?` may be left out. Undefined where nobody has said them:
 *   a call by names is then for a function of one parameter, which gets them all in an object
 * @param required how many parameters the function has to get, where there are no names
 * @throws {InvalidParams}
 */
export function bindParams(params: Params | undefined, names: readonly string[] | undefined, required: number): readonly unknown[] {
  const given = params ?? []
  if (Array.isArray(given)) return byPosition(given as readonly unknown[], names, required)
  if (names !== undefined) return byName(given as Readonly<Record<string, unknown>>, names)
  if (required > 1) throw new InvalidParams('Invalid params: they are taken by position, not by name')
  return [given]
}

function byPosition(given: readonly unknown[], names: readonly string[] | undefined, required: number): readonly unknown[] {
  const least = names === undefined ? required : names.filter((name) => !isOptional(name)).length
  const most = names?.length ?? Number.POSITIVE_INFINITY
  if (given.length < least || given.length > most) {
    const expected = least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`
    throw new InvalidParams(`Invalid params: expected ${expected}, got ${given.length}`)
  }
  return given
}

function byName(given: Readonly<Record<string, unknown>>, names: readonly string[]): readonly unknown[] {
  const plain = names.map((name) => name.replace(/\?$/, ''))
  const unknown = Object.keys(given).find((name) => !plain.includes(name))
  if (unknown !== undefined) throw new InvalidParams(`Invalid params: there is no parameter ${JSON.stringify(unknown)}`)
  const missing = names.find((name) => !isOptional(name) && !Object.hasOwn(given, name))
  if (missing !== undefined) throw new InvalidParams(`Invalid params: ${missing} is missing`)
  return plain.map((name) => (Object.hasOwn(given, name) ? given[name] : undefined))
}

const isOptional = (name: string): boolean => name.endsWith('?')
