/** Tells when one of the files that an application came from has changed. */
import { statSync, watch, type FSWatcher } from 'node:fs'
import { dirname, extname, join } from 'node:path'

/** Editors write in several steps; milliseconds. */
const SETTLE = 40

export class SourceWatch {
  private readonly changed: (path: string) => void
  /** What each file was when it was loaded. */
  private readonly files = new Map<string, string>()
  private readonly watchers = new Map<string, FSWatcher>()
  private timer: NodeJS.Timeout | undefined
  /** The application could not be loaded: a file that was missing may mend it. */
  private broken = false

  constructor(changed: (path: string) => void) {
    this.changed = changed
  }

  /** Adds files, absolute paths; those of the versions before stay watched. */
  watch(paths: readonly string[], broken: boolean): void {
    this.broken = broken
    for (const path of paths) {
      // Not the file itself: editors put a new one in its place.
      if (!this.files.has(path)) this.files.set(path, stamp(path))
      this.watchDirectory(dirname(path))
    }
  }

  close(): void {
    clearTimeout(this.timer)
    for (const watcher of this.watchers.values()) watcher.close()
    this.watchers.clear()
  }

  private watchDirectory(directory: string): void {
    if (this.watchers.has(directory)) return
    const watcher = watch(directory, (_event, name) => this.noticed(name === null ? null : join(directory, name)))
    // The directory is gone: its files are too, which the next look finds.
    watcher.on('error', () => this.noticed(null))
    this.watchers.set(directory, watcher)
  }

  private noticed(path: string | null): void {
    const created = this.broken && path !== null && !this.files.has(path) && /^\.(?:[cm]?[jt]sx?|py)$/.test(extname(path))
    if (created) this.files.set(path, '')
    else if (path !== null && !this.files.has(path)) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.look(), SETTLE)
  }

  private look(): void {
    let found: string | undefined
    for (const [path, before] of this.files) {
      const now = stamp(path)
      if (now === before) continue
      this.files.set(path, now)
      found ??= path
    }
    if (found !== undefined) this.changed(found)
  }
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`
}
