/** An exchange that waits for a Python application. */
import type { FileHandle } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { debugErrorPage } from '../gateway/debug-error-page.ts'
import { errorPage } from '../gateway/error-page.ts'
import type { Exchange, ResponseSink } from '../gateway/exchange.ts'
import { sendFile } from '../gateway/file-response.ts'
import type { GatewayContext } from '../gateway/own-gateway.ts'
import type { CauseName } from '../http/causes.ts'
import { ExchangeClosed } from '../http/exchange-closed.ts'
import { allowedFile, namedFile, optionsFor, withoutName } from './answer-file.ts'
import { AnswerSpool, type SpoolStore } from './answer-spool.ts'
import { PythonError, type UpgradingCaller } from './call.ts'
import { BodyPortions } from './request-body.ts'
import type { AnswerHead, WireFile } from './wire/answer.ts'

export class ExchangeCaller implements UpgradingCaller {
  private readonly exchange: Exchange
  private readonly context: GatewayContext
  private readonly finished: () => void
  private portions: BodyPortions | undefined
  private sink: ResponseSink | undefined
  private body: AnswerSpool | undefined
  private readonly spools: SpoolStore

  /** @param finished called when Python is done with the request */
  constructor(exchange: Exchange, context: GatewayContext, spools: SpoolStore, finished: () => void) {
    this.exchange = exchange
    this.context = context
    this.spools = spools
    this.finished = finished
  }

  get label(): string {
    return `${this.exchange.head.method} ${this.exchange.head.path}`
  }

  get clientEnded(): boolean {
    return this.exchange.clientEnded
  }

  answer(head: AnswerHead, body: Buffer): void {
    if (this.replaced(head)) return
    this.safely(() => this.exchange.answer(head.status, head.fields, body))
  }

  begin(head: AnswerHead): void {
    if (this.replaced(head)) return
    this.safely(() => {
      this.sink = this.exchange.begin(head.status, head.fields)
      this.body = new AnswerSpool(this.sink, this.exchange, this.spools)
    })
  }

  write(blocks: readonly Buffer[]): void | Promise<void> {
    return this.body?.write(blocks)
  }

  lend(): object | null {
    return this.sink?.lend?.() ?? null
  }

  wrote(bytes: number): boolean {
    return this.sink?.wrote?.(bytes) ?? false
  }

  get busy(): boolean {
    return this.body?.busy ?? true
  }

  end(): void {
    this.body?.end()
  }

  file(head: AnswerHead, handle: FileHandle, file: WireFile): void {
    const send = async (): Promise<void> => sendFile(this.exchange, handle, await optionsFor(head, handle, file))
    send().catch((error: unknown) => this.crashed(error))
  }

  raised(error: Error): void {
    const { exchange, context } = this
    this.report(error)
    if (exchange.closed) return
    if (!context.settings.debug || exchange.begun) {
      exchange.fail('application-error', `${error.name}: ${error.message}`)
      return
    }
    const page = debugErrorPage({ status: 500, head: exchange.head, debug: { error } })
    exchange.answer('500 Internal Server Error', page.fields, page.body)
  }

  noted(message: string): void {
    this.report(new PythonError(message, ''))
  }

  fail(cause: CauseName, detail: string): void {
    this.exchange.fail(cause, detail)
  }

  pull(size: number): Promise<Uint8Array | null> {
    this.portions ??= new BodyPortions(this.exchange.body)
    return this.portions.next(size)
  }

  upgrade(head: AnswerHead): Duplex {
    return this.exchange.upgrade(head.status, head.fields)
  }

  left(): void {}

  over(): void {
    this.finished()
  }

  /** An answer that cannot be sent as it is. */
  private safely(send: () => void): void {
    try {
      send()
    } catch (error) {
      this.crashed(error)
    }
  }

  private crashed(error: unknown): void {
    if (error instanceof ExchangeClosed) this.exchange.fail(error.reason, error.message)
    else this.raised(error instanceof Error ? error : new Error(String(error)))
  }

  /** True where the application has named a file that is sent in place of its body. */
  private replaced(head: AnswerHead): boolean {
    const root = this.context.settings.sendfileRoot
    const field = root === null ? null : namedFile(head)
    if (root === null || field === null) return false
    this.sendNamed(head, field, root).catch((error: unknown) => this.crashed(error))
    return true
  }

  private async sendNamed(head: AnswerHead, field: readonly [string, string], root: string): Promise<void> {
    const { exchange, context } = this
    const path = await allowedFile(field, root)
    if (path === null) {
      context.events.publish('warning', { text: `${this.label}: ${field[0]} names ${JSON.stringify(field[1])}, which is no file below ${root}` })
      const page = errorPage({ status: 404, head: exchange.head })
      exchange.answer('404 Not Found', page.fields, page.body)
      return
    }
    await sendFile(exchange, path, withoutName(head))
  }

  private report(error: Error): void {
    const { head, peer, id } = this.exchange
    this.context.events.publish('applicationError', { error, peer, head, id })
  }
}
