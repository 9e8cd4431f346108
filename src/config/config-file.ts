import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { hooksOf, type Hooks } from './hooks.ts'
import type { Layer } from './layer.ts'
import { objectLayer } from './object-layer.ts'
import { SettingsError, shown } from './settings-error.ts'

/** Imports a module by its absolute path. */
export type LoadModule = (path: string) => Promise<unknown>

/** Looked for, in this order, where no file is named. */
export const configFileNames: readonly string[] = ['pulsar.config.ts', 'pulsar.config.js', 'pulsar.config.mjs']

/** The config file to read, absolute: the one that was named, or the first of {@link configFileNames} that is there. */
export function findConfigFile(cwd: string, named: string | null, source: string): string | undefined {
  if (named === null) return configFileNames.map((name) => resolve(cwd, name)).find(isFile)
  const path = resolve(cwd, named)
  if (!isFile(path)) throw new SettingsError('config', source, `expected an existing file; got ${shown(named)}`)
  return path
}

/**
 * What a config file gives. It exports an object by default, or a function that returns one or a promise of one; without
 * a default export its named exports are the settings.
 * @throws {SettingsError} where it cannot be loaded, gives no object, or has what is no setting
 */
export async function readConfigFile(path: string, load: LoadModule): Promise<{ layer: Layer, hooks: Hooks }> {
  const source = `file ${basename(path)}`
  const given = await settingsOf(path, source, load)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const expected = 'an object of settings, or a function that returns one'
    throw new SettingsError('config', source, `expected ${expected}; got ${shown(given)}`)
  }
  return { layer: objectLayer(given, 'file', source), hooks: hooksOf(given, source) }
}

async function settingsOf(path: string, source: string, load: LoadModule): Promise<unknown> {
  try {
    const module = await load(path)
    const hasDefault = typeof module === 'object' && module !== null && 'default' in module
    const exported = hasDefault ? module.default : module
    return typeof exported === 'function' ? await (exported as () => unknown)() : exported
  } catch (error) {
    // The whole error stays reachable as the cause; one line is for the user.
    throw new SettingsError('config', source, `cannot be loaded: ${String(error)}`, { cause: error })
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
