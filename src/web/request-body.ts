/** The body of a request: read once, and given as often as it is asked for in the form that it was read in. */
import { isUtf8 } from 'node:buffer'
import type { ReadableStream as WebStream } from 'node:stream/web'
import type { Environ } from '../gateway/wsgi.ts'
import { defaultLimits, type BodyLimits } from './body-limits.ts'
import { bodyPieces, refuseCoded, wholeBody } from './body-reader.ts'
import { Form } from './form.ts'
import { parseOptionsHeader } from './header-values.ts'
import { BadRequest, UnsupportedMediaType } from './http-error.ts'
import { readMultipart } from './multipart-form.ts'
import { parseJson } from './request-json.ts'
import { UploadDirectory } from './upload-directory.ts'
import { parseUrlencoded } from './urlencoded-form.ts'

export interface BodyOptions extends Partial<BodyLimits> {
  /** Where the larger files of a form go; default: the system's directory for temporary files. */
  readonly directory?: string
  /** JSON whatever `Content-Type` says; without it other types are 415, because a page of another site may send those. */
  readonly anyType?: boolean
}

/** What nearly every client says of JSON: UTF-8, as RFC 8259 section 8.1 has it. */
const PLAIN_JSON = 'application/json'
const JSON_TYPE = /^(?:application\/(?:json|javascript|x-javascript|[\w.+-]+\+json)|text\/(?:json|x-json))$/i

export class RequestBody {
  /** What holds for readings that say nothing else. */
  limits: BodyLimits = defaultLimits

  private readonly environ: Environ
  private whole: Buffer | Promise<Buffer> | undefined = undefined
  private readForm: Promise<Form> | undefined = undefined
  /** The body went elsewhere: into a stream or a form. */
  private taken: string | undefined = undefined

  constructor(environ: Environ) {
    this.environ = environ
  }

  /** At once where the body came with its head. */
  bytes(options?: BodyOptions): Buffer | Promise<Buffer> {
    if (this.whole === undefined) {
      if (this.taken !== undefined) throw this.isTaken()
      this.whole = wholeBody(this.environ, options?.memory ?? this.limits.memory)
    }
    return this.whole
  }

  /** At once where the body came with its head. */
  text(options?: BodyOptions): string | Promise<string> {
    refuseCoded(this.environ)
    const decode = decoderOf(this.environ)
    const bytes = this.bytes(options)
    return bytes instanceof Promise ? bytes.then(decode) : decode(bytes)
  }

  async json(options?: BodyOptions): Promise<unknown> {
    const [type] = parseOptionsHeader(this.environ.CONTENT_TYPE)
    if (options?.anyType !== true && !JSON_TYPE.test(type)) {
      throw new UnsupportedMediaType('the Content-Type of the body is not one of JSON')
    }
    return parseJson(await this.text(options), options?.depth ?? this.limits.depth)
  }

  form(options?: BodyOptions): Promise<Form> {
    this.readForm ??= this.readAsForm(options)
    return this.readForm
  }

  /** Pieces as they come, without a limit of their own: the server's `limitRequestBody` holds. */
  stream(): WebStream<Uint8Array> {
    const pieces = this.whole === undefined ? this.pieces() : this.wholePieces(this.whole)
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const step = await pieces.next()
        if (step.done === true) controller.close()
        else controller.enqueue(step.value)
      },
      async cancel() {
        await pieces.return(undefined)
      },
    }, { highWaterMark: 0 })
  }

  private async readAsForm(options: BodyOptions = {}): Promise<Form> {
    const { directory: parent, anyType: _, ...own } = options
    const limits = { ...this.limits, ...own }
    const [type] = parseOptionsHeader(this.environ.CONTENT_TYPE)
    refuseCoded(this.environ)
    switch (type.toLowerCase()) {
      case 'application/x-www-form-urlencoded':
        return parseUrlencoded(await this.bytes(limits), limits.parts)
      case 'multipart/form-data':
        return this.readFiles(limits, parent)
      default:
        throw new UnsupportedMediaType('the Content-Type of the body is not one of a form')
    }
  }

  /** What is on disk goes when the request is over, and at once where the form cannot be read to its end. */
  private async readFiles(limits: BodyLimits, parent: string | undefined): Promise<Form> {
    if (this.whole !== undefined || this.taken !== undefined) throw this.isTaken()
    this.taken = 'form()'
    const directory = new UploadDirectory(parent)
    this.environ['pulsar.connection'].onClose(() => { directory.remove().catch((error: unknown) => this.notRemoved(error)) })
    try {
      return await readMultipart(this.environ, limits, directory)
    } catch (error) {
      await directory.remove()
      throw error
    }
  }

  private pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.taken !== undefined) throw this.isTaken()
    this.taken = 'stream()'
    return bodyPieces(this.environ, Number.POSITIVE_INFINITY)
  }

  private async *wholePieces(whole: Buffer | Promise<Buffer>): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = await whole
    if (bytes.length > 0) yield new Uint8Array(bytes)
  }

  private isTaken(): Error {
    return new Error(`the body was read by ${this.taken ?? 'bytes()'} already, and is there once`)
  }

  private notRemoved(error: unknown): void {
    this.environ['wsgi.errors'].write(`uploaded files could not be removed: ${String(error)}\n`)
  }
}

/** @throws {HttpError} 415 for a charset that is not known; what it returns throws 400 for bytes that are not in it */
function decoderOf(environ: Environ): (bytes: Buffer) => string {
  const { CONTENT_TYPE: type } = environ
  if (type === PLAIN_JSON) return fromUtf8
  const { charset = 'utf-8' } = parseOptionsHeader(type)[1]
  if (/^utf-?8$/i.test(charset)) return fromUtf8
  let decoder: { readonly encoding: string, decode(bytes: Uint8Array): string }
  try {
    decoder = new TextDecoder(charset, { fatal: true })
  } catch (cause) {
    throw new UnsupportedMediaType(`the charset ${JSON.stringify(charset.slice(0, 40))} is not known`, { cause })
  }
  return (bytes) => {
    try {
      return decoder.decode(bytes)
    } catch (cause) {
      throw new BadRequest(`the body is not ${decoder.encoding}`, { cause })
    }
  }
}

/** Without the byte order mark that some editors put in front. */
function fromUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new BadRequest('the body is not UTF-8')
  const text = bytes.toString()
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
