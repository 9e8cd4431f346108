import { settingsFrom } from '../config/settings-from.ts'
import type { EnvironConstants } from '../gateway/environ.ts'
import { makeTestEnviron, type TestEnvironOptions } from '../gateway/test-environ.ts'
import type { Environ } from '../gateway/wsgi.ts'

let constants: EnvironConstants | undefined

/**
 * A valid environ, as a server with default settings would make it, for tests of applications and middleware.
 * `wsgi.errors` is standard error, and the client is at 127.0.0.1.
 * @throws {TypeError} for a request that the server would refuse
 */
export function testWsgiEnviron(options: TestEnvironOptions = {}): Environ {
  constants ??= { settings: settingsFrom({}), multiprocess: false, errorsOf: () => standardError }
  return makeTestEnviron(options, constants)
}

const standardError = {
  write: (text: string): void => { process.stderr.write(text) },
  writelines: (lines: Iterable<string>): void => { process.stderr.write([...lines].join('')) },
  flush: (): void => {},
} as const
