import type { Environ } from '../../gateway/wsgi.ts'
import { refuseTooLong, wholeBody } from '../body-reader.ts'
import { defaultLimits } from '../body-limits.ts'
import { BufferedInput } from './buffered-input.ts'

/** Middleware that only prepares what comes behind it. */
export type Preparing = (environ: Environ) => undefined | Promise<undefined>

/**
 * Reads the whole body, up to 1 MiB, and puts it in the place of `wsgi.input`, where it can be read again and again.
 * @throws {ContentTooLarge} for a longer one
 */
export const waitForBodyMiddleware: Preparing = waitForBody({ limit: defaultLimits.memory })

/** {@link waitForBodyMiddleware} with a limit of its own, in bytes. */
export function waitForBody(options: { readonly limit: number }): Preparing {
  return (environ) => {
    if (environ['wsgi.input'] instanceof BufferedInput) return undefined
    refuseTooLong(environ, options.limit)
    return buffer(environ, options.limit)
  }
}

async function buffer(environ: Environ, limit: number): Promise<undefined> {
  environ['wsgi.input'] = new BufferedInput(await wholeBody(environ, limit))
  return undefined
}
