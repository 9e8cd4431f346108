/** TARGET of the command line: a module and what of it is the application; or a Python application. */
import { resolve } from 'node:path'
import type { SettingsParams } from '../config/settings.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { applicationOf, KindError, type KindName } from './application-kinds.ts'
import { Hearing, type Heard } from './heard-listen.ts'
import { loadModule, ModulePathError } from './load-module.ts'
import { isPythonTarget } from './python-target.ts'
import { whileRegistering } from './registration.ts'

export interface Target {
  readonly callable: WSGIApplication
  /** What a script gave its WSGIServer; nothing for an exported application. */
  readonly params: SettingsParams
}

/** The file that a TARGET names, as it is written there; undefined where it names none. */
export function targetFile(target: string): string | undefined {
  return FORM.exec(target)?.[1]
}

/** An application that cannot be loaded: exit status 3. */
export class TargetError extends Error {
  override readonly name: string = 'TargetError'
}

const EXPORTS = ['default', 'app', 'application']
const FORM = /^(.+?\.(?:[cm]?[jt]s|tsx|jsx))(?::([\w$.]+))?$/

/**
 * @param cwd what a relative path starts from
 * @param kind of the application that a module exports; null finds it out
 * @throws {TargetError} saying what was found where an application was expected; the module's own error is its cause
 */
export async function loadTarget(target: string, cwd: string, kind: KindName | null): Promise<Target> {
  if (isPythonTarget(target)) {
    // Its own modules load it, when the server starts.
    const { python } = await import('../python/python-application.ts')
    return { callable: python(target, { cwd }), params: {} }
  }
  const match = FORM.exec(target)
  if (match === null) throw new TargetError(`TARGET ${JSON.stringify(target)}: expected path/to/app.ts[:export], package.module:callable or path/to/app.py[:callable]`)
  const [, path, name] = match as unknown as [string, string, string | undefined]
  const hearing = new Hearing()
  try {
    return await loadFile(resolve(cwd, path), { path, name, kind, hearing })
  } finally {
    hearing.close()
  }
}

interface Wanted {
  /** As the user has written it. */
  readonly path: string
  readonly name: string | undefined
  readonly kind: KindName | null
  readonly hearing: Hearing
}

async function loadFile(file: string, { path, name, kind, hearing }: Wanted): Promise<Target> {
  const { value: module, registered } = await whileRegistering(() => loadModule(file)).catch((error: unknown) => {
    if (error instanceof ModulePathError) throw new TargetError(`${path} cannot be loaded: ${error.problem}`)
    throw new TargetError(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  if (name === undefined) {
    if (registered.length > 1) throw new TargetError(`${path} starts ${registered.length} servers: the command serves one`)
    if (registered[0] !== undefined) return registered[0]
    if (hearing.heard !== undefined) return heardTarget(hearing.heard, path)
  }
  try {
    const exported = name === undefined ? firstExport(module, path) : namedExport(module, name, path)
    const callable = await adapted(exported, path, kind)
    hearing.serves(exported)
    return { callable, params: {} }
  } catch (error) {
    // Some listen when something else is ready, such as a database.
    const heard = name === undefined ? await hearing.later() : undefined
    if (heard !== undefined) return heardTarget(heard, path)
    throw error
  }
}

/** A script that calls listen() itself. */
async function heardTarget({ server, bind, tls }: Heard, path: string): Promise<Target> {
  if (tls) {
    const instead = 'let it listen with an http.Server, and give --cert-file and --key-file'
    throw new TargetError(`${path} listens with a server for TLS, which is this server's work: ${instead}`)
  }
  return { callable: await applicationOf(server, 'node'), params: bind === null ? {} : { bind: [bind] } }
}

function firstExport(module: Record<string, unknown>, path: string): unknown {
  const name = EXPORTS.find((candidate) => module[candidate] !== undefined)
  if (name !== undefined) return module[name]
  const found = Object.keys(module)
  throw new TargetError(`${path} has no export ${EXPORTS.join(', ')} and starts no server${found.length === 0 ? '' : `; it exports ${found.join(', ')}`}`)
}

function namedExport(module: Record<string, unknown>, name: string, path: string): unknown {
  let value: unknown = module
  for (const part of name.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[part]
  if (value === undefined) throw new TargetError(`${path} has no export ${name}; it exports ${Object.keys(module).join(', ') || 'nothing'}`)
  return value
}

async function adapted(value: unknown, path: string, kind: KindName | null): Promise<WSGIApplication> {
  try {
    return await applicationOf(value, kind)
  } catch (error) {
    throw error instanceof KindError ? new TargetError(`the application of ${path} ${error.message}`) : error
  }
}
