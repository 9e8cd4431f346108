/** Calls over HTTP, by fetch: one POST for a request or a batch. */
import { answersIn, RpcTransportError, type RawAnswer, type SendOptions, type Transport } from './transport.ts'

export class HttpTransport implements Transport {
  private readonly url: string
  private readonly fetch: typeof globalThis.fetch

  constructor(url: string, fetch: typeof globalThis.fetch) {
    this.url = url
    this.fetch = fetch
  }

  async send(text: string, ids: readonly number[], { signal, headers }: SendOptions): Promise<readonly RawAnswer[]> {
    const { status, body } = await this.post(text, headers, signal)
    const answers = answersIn(parsed(body))
    if (answers !== undefined) return answers
    if (status >= 200 && status < 300 && ids.length === 0) return []
    throw new RpcTransportError(`the server answered ${status}, without an answer of JSON-RPC`, { status })
  }

  close(): void {
    // Connections are fetch's own.
  }

  private async post(
    text: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined,
  ): Promise<{ readonly status: number, readonly body: string }> {
    // In browsers fetch must be called as one of the window.
    const { fetch } = this
    try {
      const response = await fetch(this.url, {
        method: 'POST', body: text, headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
        ...(signal === undefined ? {} : { signal }),
      })
      return { status: response.status, body: await response.text() }
    } catch (cause) {
      if (signal?.aborted === true) throw signal.reason
      throw new RpcTransportError('the server could not be asked', { cause })
    }
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined // a page of a proxy's, an empty body: no answer, and told as such
  }
}
