/** The body of an answer with both sides watched: what the application gives, and how the server iterates and closes it. */
import type { Block, Bytes, ErrorStream, WSGIBody } from '../wsgi.ts'
import type { CallOrder } from './call-order.ts'
import { shown, source, WSGIContractError } from './contract-error.ts'

/** Where a body that was never closed is reported: nobody is left to throw to. */
export interface Unclosed {
  readonly errors: ErrorStream
  readonly request: string
}

const forgotten = new FinalizationRegistry<Unclosed>(({ errors, request }) => {
  errors.write(`${byServer('a body was dropped without close()').message}: ${request}\n`)
})

/**
 * The body as the server gets it. An array of bytes stays one: a server may tell the length of the content by it.
 * @throws {WSGIContractError} for what is no body
 */
export function checkedBody(order: CallOrder, body: unknown, unclosed: Unclosed): WSGIBody {
  if (typeof body === 'string' || ArrayBuffer.isView(body)) {
    throw byApplication(`the body must be an iterable of blocks, such as [bytes], not ${shown(body)} itself`)
  }
  if (typeof body !== 'object' || body === null || !isIterable(body)) {
    throw byApplication(`the application must return an iterable, if only [], not ${shown(body)}`)
  }
  const close: unknown = Reflect.get(body, 'close')
  if (close !== undefined && typeof close !== 'function') throw byApplication(`close must be a method, not ${shown(close)}`)
  if (Array.isArray(body)) {
    if (close === undefined && !body.some(isPromiseLike)) return body.map((block: unknown) => order.given(block))
    awaitInTurn(body)
  }
  return Symbol.asyncIterator in body ? new CheckedAsyncBody(order, body, unclosed) : new CheckedBody(order, body, unclosed)
}

function isIterable(value: object): value is WSGIBody {
  return [Symbol.asyncIterator, Symbol.iterator].some((method) => typeof Reflect.get(value, method) === 'function')
}

/** A promise in a list that is rejected before its turn is an error at its turn, as it is without the validator. */
function awaitInTurn(blocks: readonly unknown[]): void {
  for (const block of blocks) if (block instanceof Promise) block.catch(() => {})
}

/** A promise is looked into when the server does: a rejection that nobody awaits is what it would be without the validator. */
function checkedBlock(order: CallOrder, block: unknown): Block {
  if (!isPromiseLike(block)) return order.given(block)
  const checked = (): Promise<Bytes> => Promise.resolve(block).then((bytes) => order.given(bytes))
  return { then: (fulfilled, rejected) => checked().then(fulfilled, rejected) }
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function'
}

/** What bodies of both kinds have in common: one iteration, and one close(). */
class OnceClosed {
  protected readonly order: CallOrder
  readonly #body: WSGIBody
  #iterated = false

  constructor(order: CallOrder, body: WSGIBody, unclosed: Unclosed) {
    this.order = order
    this.#body = body
    forgotten.register(this, unclosed, this)
  }

  protected iterateOnce(): void {
    if (this.#iterated) throw byServer('the body must be iterated once')
    this.#iterated = true
  }

  close(): unknown {
    this.order.close()
    forgotten.unregister(this)
    return this.#body.close?.()
  }
}

class CheckedBody extends OnceClosed implements Iterable<Block> {
  readonly #blocks: Iterable<unknown>

  constructor(order: CallOrder, body: Iterable<unknown> & WSGIBody, unclosed: Unclosed) {
    super(order, body, unclosed)
    this.#blocks = body
  }

  [Symbol.iterator](): Iterator<Block> {
    this.iterateOnce()
    const blocks = this.#blocks[Symbol.iterator]()
    return {
      next: () => {
        this.order.asked()
        const step = blocks.next()
        if (step.done) return { done: true, value: undefined }
        try {
          return { done: false, value: checkedBlock(this.order, step.value) }
        } catch (error) {
          // What throws is over to the server, which then does not end it.
          blocks.return?.()
          throw error
        }
      },
      return: () => {
        blocks.return?.()
        return { done: true, value: undefined }
      },
    }
  }
}

class CheckedAsyncBody extends OnceClosed implements AsyncIterable<Bytes> {
  readonly #blocks: AsyncIterable<unknown>
  #asking = false

  constructor(order: CallOrder, body: AsyncIterable<unknown> & WSGIBody, unclosed: Unclosed) {
    super(order, body, unclosed)
    this.#blocks = body
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    this.iterateOnce()
    const blocks = this.#blocks[Symbol.asyncIterator]()
    return {
      next: () => this.#next(blocks),
      return: async () => {
        await blocks.return?.()
        return { done: true, value: undefined }
      },
    }
  }

  async #next(blocks: AsyncIterator<unknown>): Promise<IteratorResult<Bytes, undefined>> {
    if (this.#asking) throw byServer('a block must not be asked for before the one before it was given')
    this.order.asked()
    this.#asking = true
    try {
      const step = await blocks.next()
      if (step.done) return { done: true, value: undefined }
      return { done: false, value: await this.#given(step.value, blocks) }
    } finally {
      this.#asking = false
    }
  }

  async #given(value: unknown, blocks: AsyncIterator<unknown>): Promise<Bytes> {
    try {
      return this.order.given(value)
    } catch (error) {
      await blocks.return?.()
      throw error
    }
  }
}

const byApplication = (rule: string): WSGIContractError => new WSGIContractError('application', rule, source.details)
const byServer = (rule: string): WSGIContractError => new WSGIContractError('server', rule, source.details)
