/**
 * What compiled decorators call, in place of the compiler's own helpers: the decorators of TypeScript's `experimentalDecorators`,
 * as tsc carries them out, with `reflect-metadata` where the application has loaded it.
 */

type Decorator = (target: unknown, key?: PropertyKey, descriptor?: unknown) => unknown
interface WithMetadata {
  readonly decorate?: (decorators: readonly Decorator[], ...on: unknown[]) => unknown
  readonly metadata?: (key: string, value: unknown) => Decorator
}

const reflect = Reflect as WithMetadata

/** Of a class, with the target alone; else of a member, with its key, and null or undefined for a descriptor. */
export function decorate(decorators: readonly (Decorator | undefined)[], target: object, ...member: readonly [key?: PropertyKey, descriptor?: null]): unknown {
  const [key, given] = member
  const inherited = given === null ? Object.getOwnPropertyDescriptor(target, key as PropertyKey) : given
  let result: unknown = member.length === 0 ? target : inherited
  if (typeof reflect.decorate === 'function') {
    result = reflect.decorate(decorators.filter((one) => one !== undefined), target, ...(member.length === 0 ? [] : [key, inherited]))
  } else {
    for (const one of decorators.toReversed()) {
      if (one === undefined) continue
      result = (member.length === 0 ? one(result) : member.length === 1 ? one(target, key) : one(target, key, result)) ?? result
    }
  }
  if (member.length === 2 && result !== undefined) Object.defineProperty(target, key as PropertyKey, result as PropertyDescriptor)
  return result
}

export function decorateParam(index: number, decorator: (target: unknown, key: PropertyKey | undefined, index: number) => void): Decorator {
  return (target, key) => decorator(target, key, index)
}

/** Undefined where nothing keeps metadata. */
export function decorateMetadata(key: string, value: unknown): Decorator | undefined {
  return reflect.metadata?.(key, value)
}
