/** Asks an admin server as a program does. */
import { RawClient, type Address, type RawResponse } from './raw-client.ts'

export interface AdminRequest {
  readonly method?: 'GET' | 'POST'
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export class AdminClient {
  readonly address: Address

  constructor(address: Address) {
    this.address = address
  }

  /** That of a command that was started with `--admin 127.0.0.1:0`, by its log. */
  static of(command: { stderr(): string }): AdminClient {
    const [, address] = /admin server on ((?:http|unix):[^\s"',\\]+)/.exec(command.stderr()) ?? []
    if (address === undefined) throw new Error(`no admin server in\n${command.stderr()}`)
    return new AdminClient(address)
  }

  async ask(path: string, { method = 'GET', fields = {}, body }: AdminRequest = {}): Promise<RawResponse> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const given: Record<string, string> = { Host: 'localhost', Connection: 'close', ...fields }
    if (body !== undefined) Object.assign(given, { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)), ...fields })
    const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const client = await RawClient.connect(this.address, { patience: 20_000 })
    try {
      await client.send(Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${text}`))
      return await client.finalResponse(method)
    } finally {
      client.destroy()
    }
  }

  async status(path: string, request: AdminRequest = {}): Promise<number> {
    return (await this.ask(path, request)).status
  }

  async json<T>(path: string, request: AdminRequest = {}): Promise<T> {
    return JSON.parse((await this.ask(path, request)).body.toString()) as T
  }

  /** Steers. */
  do<T>(path: string, body: object = {}): Promise<T> {
    return this.json<T>(path, { method: 'POST', body })
  }
}
