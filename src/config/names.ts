import { nearestName } from './nearest-name.ts'

/** `headerTimeout` is `--header-timeout` on the command line. */
export function flagOf(name: string): string {
  return `--${kebab(name)}`
}

/** `headerTimeout` is `PULSAR_HEADER_TIMEOUT` in the environment. */
export function variableOf(name: string): string {
  return `${variablePrefix}${kebab(name).toUpperCase().replaceAll('-', '_')}`
}

export const variablePrefix = 'PULSAR_'

/** The end of a message about an unknown name: the one that was probably meant, if any is near. */
export function suggestion(wrong: string, known: readonly string[]): string {
  const near = nearestName(wrong, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
