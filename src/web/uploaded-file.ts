/** A file of a form: in memory where it is small, else in a file on disk that goes with the request. */
import { createReadStream } from 'node:fs'
import { copyFile, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'

export interface UploadedFileFacts {
  /** The form's name for it. */
  readonly name: string
  /** As the client named it, without a path: not to be trusted as a name on disk. */
  readonly filename: string
  /** As the client says; `application/octet-stream` where it says nothing. */
  readonly contentType: string
  /** In bytes. */
  readonly size: number
  readonly content: { readonly bytes: Buffer } | { readonly path: string }
}

export class UploadedFile {
  readonly name: string
  readonly filename: string
  readonly contentType: string
  readonly size: number
  private readonly content: UploadedFileFacts['content']

  constructor(facts: UploadedFileFacts) {
    this.name = facts.name
    this.filename = facts.filename
    this.contentType = facts.contentType
    this.size = facts.size
    this.content = facts.content
  }

  /** Where it is on disk until the request is over; undefined where it is in memory. */
  get path(): string | undefined {
    return 'path' in this.content ? this.content.path : undefined
  }

  async bytes(): Promise<Buffer> {
    return 'path' in this.content ? readFile(this.content.path) : this.content.bytes
  }

  /** As UTF-8. */
  async text(): Promise<string> {
    return (await this.bytes()).toString()
  }

  /** pulsar's name for {@link text}. */
  string(): Promise<string> {
    return this.text()
  }

  async base64(): Promise<string> {
    return (await this.bytes()).toString('base64')
  }

  /** The content piece by piece. */
  stream(): ReadableStream<Uint8Array> {
    const { content } = this
    const source = 'path' in content ? createReadStream(content.path) : Readable.from([content.bytes], { objectMode: false })
    return Readable.toWeb(source) as ReadableStream<Uint8Array>
  }

  /**
   * Keeps it under a path, in the place of what is there: moved where that is possible, else copied. To be called before the
   * request is over.
   */
  async saveAs(path: string): Promise<void> {
    if ('bytes' in this.content) return writeFile(path, this.content.bytes)
    try {
      await rename(this.content.path, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      await copyFile(this.content.path, path)
      await unlink(this.content.path)
    }
    // What it is now is the same content elsewhere.
    Object.assign(this.content, { path })
  }
}
