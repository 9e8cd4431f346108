/** Which file a path of a URL may mean: none outside of the root, however it is written. */

/** A segment that many standards keep files in (RFC 8615). */
const wellKnown = '.well-known'

export interface PathRules {
  /** Names with a leading dot: `hide`, the default, lets none of them be seen but `.well-known`. */
  readonly dotFiles?: 'hide' | 'show'
}

export interface FilePath {
  /** From the root, with slashes between segments; empty for the root itself. */
  readonly path: string
  /** True where it ends with a slash, or is the root. */
  readonly isDirectory: boolean
}

/**
 * Reads a path, percent-decoded once. Undefined for what nothing may be found by: `.` and `..`, empty segments, NUL,
 * backslashes, which some systems take for slashes, and hidden names.
 */
export function filePath(path: string, rules: PathRules = {}): FilePath | undefined {
  if (path === '') return { path: '', isDirectory: true }
  if (path.includes('\0') || path.includes('\\')) return undefined
  const isDirectory = path.endsWith('/')
  const segments = (isDirectory ? path.slice(0, -1) : path).split('/')
  const isSeen = (segment: string, index: number): boolean => {
    if (segment === '' || segment === '.' || segment === '..') return false
    return !segment.startsWith('.') || rules.dotFiles === 'show' || (index === 0 && segment === wellKnown)
  }
  return segments.every(isSeen) ? { path: segments.join('/'), isDirectory } : undefined
}

/** True where nobody would find this name by {@link filePath}. */
export function isHidden(name: string, rules: PathRules): boolean {
  return name.startsWith('.') && rules.dotFiles !== 'show'
}
