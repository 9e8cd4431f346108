/** A handler's response as a WSGI application's: startResponse() and a body. */
import { ExchangeClosed } from '../../http/exchange-closed.ts'
import type { StartResponse, WSGIBody } from '../wsgi.ts'
import { checkedBytes, readAhead, type Beginning, type Reader } from './read-ahead.ts'
import { partsOf } from './read-response.ts'

/** @throws {TypeError} for what is no response */
export async function wsgiBodyOf(response: unknown, method: string, startResponse: StartResponse): Promise<WSGIBody> {
  const { status, fields, body } = partsOf(response)
  startResponse(status, fields)
  if (body === null) return []
  if (body instanceof Uint8Array) return [body]
  const reader = body.getReader()
  if (method === 'HEAD') {
    await reader.cancel(nobody())
    return []
  }
  const beginning = await readAhead(reader)
  return 'whole' in beginning ? [beginning.whole] : new StreamedBody(reader, beginning)
}

const nobody = (): ExchangeClosed => new ExchangeClosed('client-gone', 'nobody reads the answer any more')

class StreamedBody implements AsyncIterable<Uint8Array> {
  private readonly reader: Reader
  private readonly beginning: Exclude<Beginning, { whole: Uint8Array }>
  private ended = false

  constructor(reader: Reader, beginning: Exclude<Beginning, { whole: Uint8Array }>) {
    this.reader = reader
    this.beginning = beginning
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    yield this.beginning.first
    for (let next = this.beginning.next; ; next = this.reader.read()) {
      const { done, value } = await next.catch((error: unknown) => {
        this.ended = true
        throw error
      })
      this.ended = done
      if (done) return
      yield checkedBytes(value)
    }
  }

  /** The end of the answer is the end of the stream, also of one that waits (PEP 3333, "Specification Details"). */
  close(): Promise<void> | undefined {
    return this.ended ? undefined : this.reader.cancel(nobody())
  }
}
