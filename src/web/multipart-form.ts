/** multipart/form-data (RFC 7578), read as it arrives: only what is small is held in memory. */
import type { Busboy, BusboyConstructor, BusboyFileStream, BusboyInstance } from '@fastify/busboy'
import { createRequire } from 'node:module'
import type { FileHandle } from 'node:fs/promises'
import type { Environ } from '../gateway/wsgi.ts'
import type { BodyLimits } from './body-limits.ts'
import { bodyPieces } from './body-reader.ts'
import { Form } from './form.ts'
import { BadRequest, ContentTooLarge, HttpError } from './http-error.ts'
import { UploadedFile } from './uploaded-file.ts'
import type { UploadDirectory } from './upload-directory.ts'

/** Bytes of a part's head: what is longer is cut off by the parser, and is refused where it reaches into a name. */
const PART_HEAD = 16_384
const NAME = 1024
const PART_FIELDS = 32
/** Bytes of a file that are under way between the parser and the disk. */
const UNDER_WAY = 262_144

/**
 * Reads the form; its larger files are in `directory` afterwards.
 * @throws {HttpError} 400 for what is no multipart, 413 for what is over a limit
 */
export async function readMultipart(environ: Environ, limits: BodyLimits, directory: UploadDirectory): Promise<Form> {
  return new MultipartReader(environ, limits, directory).read()
}

class MultipartReader {
  private readonly environ: Environ
  private readonly limits: BodyLimits
  private readonly directory: UploadDirectory
  private readonly fields: [string, string][] = []
  private readonly files: Promise<UploadedFile | undefined>[] = []
  /** The file that is being read: a failure has to end it, or it would wait for its rest. */
  private reading: BusboyFileStream | undefined = undefined
  /** Bytes in memory: of fields, and of files that are held there. */
  private held = 0
  private fileBytes = 0
  private failure: { readonly error: unknown } | undefined = undefined
  private failed: (error: unknown) => void = () => undefined

  constructor(environ: Environ, limits: BodyLimits, directory: UploadDirectory) {
    this.environ = environ
    this.limits = limits
    this.directory = directory
  }

  async read(): Promise<Form> {
    const { memory, files, parts } = this.limits
    const parser = this.parser()
    try {
      for await (const piece of bodyPieces(this.environ, memory + files + parts * PART_HEAD)) {
        await this.step((done) => { parser.write(piece, done) })
      }
      await this.step((done) => {
        parser.once('finish', done)
        parser.end()
      })
      const stored = await Promise.all(this.files)
      return new Form(this.fields, stored.filter((file) => file !== undefined))
    } catch (error) {
      this.fail(error)
      this.reading?.destroy()
      parser.destroy()
      await Promise.allSettled(this.files)
      throw error
    }
  }

  /** Waits for one step of the parser, but not where something has failed: then it may never come. */
  private step(action: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.failed = reject
      if (this.failure !== undefined) reject(this.failure.error)
      else action((error) => { error === undefined || error === null ? resolve() : reject(malformed(error)) })
    })
  }

  private fail(error: unknown): void {
    this.failure ??= { error }
    this.failed(error)
  }

  private parser(): BusboyInstance {
    const { memory, parts } = this.limits
    const parser = createParser({
      headers: { 'content-type': this.environ.CONTENT_TYPE ?? '' },
      limits: { fieldSize: memory, parts, headerPairs: PART_FIELDS, headerSize: PART_HEAD },
      fileHwm: UNDER_WAY,
      isPartAFile: (_name, _type, filename) => filename !== undefined,
    })
    parser.on('field', (name, value, _nameTruncated, valueTruncated) => this.field(name, value, valueTruncated))
    parser.on('file', (name, stream, filename, _encoding, type) => this.file(name, stream, filename, type))
    parser.on('partsLimit', () => this.fail(new ContentTooLarge(`the form has more than ${parts} parts`)))
    parser.on('error', (error) => this.fail(malformed(error)))
    return parser
  }

  private field(sentName: string | undefined, value: string, truncated: boolean): void {
    const name = this.name(sentName)
    this.held += Buffer.byteLength(name) + Buffer.byteLength(value)
    const { memory } = this.limits
    if (truncated || this.held > memory) this.fail(new ContentTooLarge(`the fields of the form are longer than ${memory} bytes`))
    else this.fields.push([name, value])
  }

  private file(name: string | undefined, stream: BusboyFileStream, filename: string, type: string): void {
    this.reading = stream
    const stored = this.store(this.name(name), stream, this.name(filename), type)
    stored.catch((error: unknown) => this.fail(error))
    this.files.push(stored)
  }

  /** A quote is an escape in a name (HTML, "multipart/form-data encoding algorithm"); line ends, which are too, stay escaped. */
  private name(sent: string | undefined): string {
    if (sent === undefined) this.fail(new BadRequest('a part of the form has no name'))
    else if (sent.length > NAME) this.fail(new BadRequest(`a name in the form is longer than ${NAME} characters`))
    return sent?.replaceAll('%22', '"') ?? ''
  }

  /** Undefined for a field of the form in which no file was chosen: its name and its content are empty. */
  private async store(
    name: string, stream: BusboyFileStream, filename: string, contentType: string,
  ): Promise<UploadedFile | undefined> {
    const pieces: Buffer[] = []
    let size = 0
    let file: { readonly path: string, readonly handle: FileHandle } | undefined
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        if (this.failure !== undefined) throw this.failure.error
        size += piece.length
        this.count(piece.length)
        if (file === undefined) {
          this.held += piece.length
          pieces.push(piece)
          if (size <= this.limits.fileMemory && this.held <= this.limits.memory) continue
          file = await this.directory.create()
          await writeAll(file.handle, Buffer.concat(pieces))
          this.held -= size
          pieces.length = 0
        } else {
          await writeAll(file.handle, piece)
        }
      }
    } finally {
      await file?.handle.close()
    }
    if (size === 0 && filename === '') return undefined
    const content = file === undefined ? { bytes: Buffer.concat(pieces) } : { path: file.path }
    return new UploadedFile({ name, filename, contentType, size, content })
  }

  private count(bytes: number): void {
    const { files } = this.limits
    this.fileBytes += bytes
    if (this.fileBytes > files) throw new ContentTooLarge(`the files of the form are longer than ${files} bytes`)
  }
}

/** Loaded with the first form that needs it. */
let loaded: typeof Busboy | undefined

function createParser(options: Parameters<BusboyConstructor>[0]): BusboyInstance {
  loaded ??= (createRequire(import.meta.url)('@fastify/busboy') as { readonly Busboy: typeof Busboy }).Busboy
  try {
    return new loaded(options)
  } catch (cause) {
    throw new BadRequest('the Content-Type of the form has no boundary', { cause })
  }
}

const malformed = (cause: unknown): HttpError =>
  cause instanceof HttpError ? cause : new BadRequest('the body is not multipart/form-data', { cause })

/** A write may take less than it was given. */
async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten
}
