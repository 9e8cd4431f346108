/** Light objects stand in the platform's own line: `instanceof` holds, and what they lack the platform's own does for them. */

type Members = Readonly<Record<string | symbol, PropertyDescriptor>>

/**
 * Puts a light class's prototype below the platform's, and hands on every member that it does not have itself, those that a
 * later Node adds included.
 * @param platformOf gives the platform's own object for a light one
 */
export function standInFor<T extends object>(light: T, platform: object, platformOf: (light: T) => object): void {
  Object.setPrototypeOf(light, platform)
  const members: Members = Object.getOwnPropertyDescriptors(platform) as Members
  for (const name of Reflect.ownKeys(members)) {
    const { get, value, enumerable = false } = members[name] as PropertyDescriptor
    if (Object.hasOwn(light, name)) {
      // As the platform's: Web IDL has members enumerable, classes have not.
      Object.defineProperty(light, name, { enumerable })
    } else if (get !== undefined) {
      Object.defineProperty(light, name, { enumerable, configurable: true, get(this: T) { return Reflect.apply(get, platformOf(this), []) as unknown } })
    } else if (typeof value === 'function' && typeof name === 'string' && name !== 'constructor') {
      Object.defineProperty(light, name, {
        enumerable, configurable: true, writable: true,
        value(this: T, ...args: unknown[]) { return Reflect.apply(value as () => unknown, platformOf(this), args) as unknown },
      })
    }
  }
}

/** `instanceof` for a class that has taken the platform's place: its objects and the platform's are the same to a user. */
export function passesFor(value: unknown, asked: unknown, light: abstract new (...args: never) => unknown, platform: abstract new (...args: never) => unknown): boolean {
  // A class that is made of the light one has instances of its own.
  return asked === light ? value instanceof platform : Function.prototype[Symbol.hasInstance].call(asked, value)
}
