/** One call of an application, as far as it has got: what the rules about order are checked against. */
import { shown, source, WSGIContractError, type RuleSource } from './contract-error.ts'

export class CallOrder {
  /** True once startResponse was called with success. */
  started = false
  /** True once bytes were given to the server that it must have sent, and the headers before them. */
  sent = false
  /** True once the server has begun to ask for blocks. */
  iterating = false
  closed = false
  #lastHadBytes = false

  /** The server asks for a block: it is done with the one before. */
  asked(): void {
    if (this.closed) throw byServer('the body must not be iterated after close()')
    this.iterating = true
    if (this.#lastHadBytes) this.sent = true
  }

  /** The application gives a block. Empty ones count too: the rule is about the first block, whatever is in it. */
  given(block: unknown): Uint8Array {
    if (!(block instanceof Uint8Array)) {
      throw byApplication(`a block of the body must be a Uint8Array, not ${shown(block)}`, source.details)
    }
    if (!this.started) throw byApplication('startResponse must be called before the first block is given')
    this.#lastHadBytes = block.length > 0
    return block
  }

  wrote(data: unknown): asserts data is Uint8Array {
    if (!(data instanceof Uint8Array)) throw byApplication(`write() takes a Uint8Array, not ${shown(data)}`, source.write)
    if (this.iterating) throw byApplication('write() must not be called from within the body', source.write)
    if (this.closed) throw byApplication('write() must not be called after close()', source.write)
  }

  /** @throws {WSGIContractError} where startResponse is called too often or too late */
  starting(excInfo: unknown): void {
    if (this.closed) throw byApplication('startResponse must not be called after close()')
    if (this.started && excInfo === undefined) throw byApplication('startResponse may be called again only with excInfo')
  }

  /** The server took the arguments of startResponse. */
  took(): void {
    if (this.sent) throw byServer('startResponse must throw the error of excInfo once the headers were sent', source.errors)
    this.started = true
  }

  close(): void {
    if (this.closed) throw byServer('close() must be called once')
    this.closed = true
  }
}

const byApplication = (rule: string, from: RuleSource = source.startResponse): WSGIContractError =>
  new WSGIContractError('application', rule, from)
const byServer = (rule: string, from: RuleSource = source.details): WSGIContractError =>
  new WSGIContractError('server', rule, from)
