import { isPrefix } from './prefix.ts'

/** Something below a path. */
export interface Mount {
  /** `/api`; empty for the root. */
  readonly prefix: string
  /** An application, as TARGET of the command line; or a directory. */
  readonly target: string
}

/** What a user may write, behind what stands for it. */
export const mountRules = ', each PREFIX once: /, or a path such as /app without a slash at the end'

/**
 * Reads what a config file gives, `{ '/api': 'api.ts' }`, or a list of texts, `/api=api.ts`.
 * @returns undefined where it is neither, a prefix stands twice, or nothing is mounted
 */
export function readMounts(raw: unknown): readonly Mount[] | undefined {
  const mounts: Mount[] = []
  for (const [path, target] of entriesOf(raw) ?? []) {
    const prefix = path === '/' ? '' : path
    const known = mounts.some((mount) => mount.prefix === prefix)
    if (known || path === '' || !isPrefix(prefix) || typeof target !== 'string' || target.trim() === '') return undefined
    mounts.push(Object.freeze({ prefix, target: target.trim() }))
  }
  return mounts.length > 0 ? Object.freeze(mounts) : undefined
}

/** The text that {@link readMounts} reads back as the same. */
export function formatMounts(mounts: readonly Mount[]): string {
  return mounts.map(({ prefix, target }) => `${prefix === '' ? '/' : prefix}=${target}`).join(',')
}

function entriesOf(raw: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof raw === 'string') return entriesOf([raw])
  if (typeof raw !== 'object' || raw === null) return undefined
  if (!Array.isArray(raw)) return Object.entries(raw)
  const texts: readonly unknown[] = raw
  if (!texts.every((text) => typeof text === 'string')) return undefined
  return texts.map((text) => {
    const sign = text.indexOf('=')
    return sign < 0 ? [text, ''] as const : [text.slice(0, sign), text.slice(sign + 1)] as const
  })
}
