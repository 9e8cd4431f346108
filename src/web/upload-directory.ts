/** Where uploaded files wait until their request is over: a directory of its own, which nobody else may read. */
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class UploadDirectory {
  private readonly parent: string
  private made: Promise<string> | undefined = undefined
  private files = 0
  private removed = false

  /** @param parent default: the system's directory for temporary files */
  constructor(parent: string = tmpdir()) {
    this.parent = parent
  }

  /** A new, empty file, open for writing. */
  async create(): Promise<{ readonly path: string, readonly handle: FileHandle }> {
    this.made ??= mkdtemp(join(this.parent, 'pulsar-upload-'))
    const path = join(await this.made, String(++this.files))
    if (this.removed) throw new Error('the request is over: no more files can be taken')
    return { path, handle: await open(path, 'wx', 0o600) }
  }

  /** Removes all files that are still there. */
  async remove(): Promise<void> {
    this.removed = true
    if (this.made !== undefined) await rm(await this.made, { recursive: true, force: true })
  }
}
