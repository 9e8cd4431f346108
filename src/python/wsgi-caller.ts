/** A WSGI application of TypeScript's that waits for one of Python's. */
import type { FileHandle } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import type { Events } from '../events.ts'
import { errorAnswer } from '../gateway/error-answer.ts'
import type { Fields } from '../gateway/exchange.ts'
import type { Environ, StartResponse, WSGIBody } from '../gateway/wsgi.ts'
import type { CauseName } from '../http/causes.ts'
import { allowedFile, namedFile, withoutName } from './answer-file.ts'
import { BlockStream } from './block-stream.ts'
import type { UpgradingCaller } from './call.ts'
import { BodyPortions, type Incoming } from './request-body.ts'
import type { AnswerHead, WireFile } from './wire/answer.ts'

export interface WsgiCallerOptions {
  readonly environ: Environ
  readonly startResponse: StartResponse
  readonly events: Events
  readonly incoming: Incoming
  /** Nobody wants the rest of the body. */
  readonly abandoned: () => void
  /** Python is done with the request. */
  readonly finished: () => void
}

export class WsgiCaller implements UpgradingCaller {
  /** What the application returns. */
  readonly body: Promise<WSGIBody>

  private readonly options: WsgiCallerOptions
  private readonly portions: BodyPortions
  private stream: BlockStream | undefined
  private resolve!: (body: WSGIBody | Promise<WSGIBody>) => void
  private reject!: (error: unknown) => void

  constructor(options: WsgiCallerOptions) {
    this.options = options
    this.portions = new BodyPortions(options.incoming)
    this.body = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  get label(): string {
    const { REQUEST_METHOD, SCRIPT_NAME, PATH_INFO } = this.options.environ
    return `${REQUEST_METHOD} ${SCRIPT_NAME}${PATH_INFO}`
  }

  get clientEnded(): boolean {
    return this.options.environ['pulsar.client_disconnected']()
  }

  answer(head: AnswerHead, body: Buffer): void {
    if (!this.replaced(head)) this.give(head, () => [body])
  }

  begin(head: AnswerHead): void {
    if (!this.replaced(head)) this.give(head, () => this.stream = new BlockStream(this.options.abandoned))
  }

  write(blocks: readonly Buffer[]): void | Promise<void> {
    let taken: Promise<void> | undefined
    // The last of them is taken last.
    for (const block of blocks) taken = this.stream?.push(block)
    return taken
  }

  /** Whoever iterates the body has them. */
  get busy(): boolean {
    return true
  }

  end(): void {
    this.stream?.end()
  }

  file(head: AnswerHead, handle: FileHandle, { offset, length }: WireFile): void {
    const { environ } = this.options
    // Node cannot tell where a handle stands: a part of a file is a stream.
    const part = (): AsyncIterable<Uint8Array> =>
      handle.createReadStream({ start: offset, ...(length === null ? {} : { end: Math.max(offset, offset + length - 1) }) })
    this.give(head, () => environ['wsgi.file_wrapper'](offset === 0 && length === null ? handle : part()))
  }

  raised(error: Error): void {
    if (this.stream !== undefined) this.stream.fail(error)
    else this.reject(error)
  }

  noted(message: string): void {
    this.options.events.publish('warning', { text: `${this.label}: ${message}` })
  }

  fail(cause: CauseName, detail: string): void {
    this.options.events.publish('warning', { text: `${this.label}: ${detail} (${cause})` })
    if (this.stream !== undefined) {
      this.stream.fail(new Error(detail))
      return
    }
    const { status, fields, body } = errorAnswer(cause, null)
    this.give({ status, fields }, () => [body])
  }

  pull(size: number): Promise<Uint8Array | null> {
    return this.portions.next(size)
  }

  upgrade(head: AnswerHead): Duplex {
    return this.options.environ['pulsar.connection'].upgrade(head.status, copyOf(head.fields))
  }

  /** The answer has been given; this one is for nobody. */
  left(): void {
    this.give({ status: '204 No Content', fields: [] }, () => [])
  }

  over(): void {
    this.options.finished()
  }

  private give({ status, fields }: AnswerHead, body: () => WSGIBody): void {
    try {
      this.options.startResponse(status, copyOf(fields))
      this.resolve(body())
    } catch (error) {
      this.reject(error)
    }
  }

  /** True where the application has named a file that is sent in place of its body. */
  private replaced(head: AnswerHead): boolean {
    const root = this.options.environ['pulsar.cfg']?.sendfileRoot ?? null
    const field = root === null ? null : namedFile(head)
    if (root === null || field === null) return false
    allowedFile(field, root).then((path) => {
      if (path !== null) this.give(withoutName(head), () => this.options.environ['wsgi.file_wrapper'](path))
      else {
        this.noted(`${field[0]} names ${JSON.stringify(field[1])}, which is no file below ${root}`)
        this.give({ status: '404 Not Found', fields: [['Content-Type', 'text/plain']] }, () => [Buffer.from('Not Found\n')])
      }
    }, this.reject)
    return true
  }
}

/** The application's to change; those of a head are shared. */
const copyOf = (fields: Fields): [string, string][] => fields.map(([name, value]) => [name, value])
