/** A WSGI application behind the real server on a real socket of 127.0.0.1, with all that the server announced. */
import { test } from 'node:test'
import { settingsFrom } from '../../src/config/settings-from.ts'
import type { SettingsParams } from '../../src/config/settings.ts'
import { Events, type EventMap, type EventName } from '../../src/events.ts'
import { validator } from '../../src/gateway/validator.ts'
import { gatewayFor } from '../../src/gateway/own-gateway.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { HttpServer } from '../../src/server/http-server.ts'
import { RawClient, type RawResponse } from './raw-client.ts'

export class ServedApplication implements AsyncDisposable {
  readonly port: number
  readonly #server: HttpServer
  readonly #seen: { [K in EventName]?: EventMap[K][] } = {}
  readonly #clients: RawClient[] = []

  private constructor(server: HttpServer, events: Events) {
    this.#server = server
    for (const name of ['refused', 'applicationError', 'warning', 'errorsWritten'] as const) this.#record(events, name)
    const [address] = server.addresses
    if (address?.kind !== 'tcp') throw new Error('not bound to a port')
    this.port = address.port
  }

  static async start(application: WSGIApplication, params: SettingsParams = {}): Promise<ServedApplication> {
    const settings = settingsFrom({ bind: '127.0.0.1:0', ...params })
    const events = new Events()
    const server = new HttpServer(gatewayFor(application, { settings, events, multiprocess: false }), settings, events)
    await server.listen()
    return new ServedApplication(server, events)
  }

  /** What was announced so far. */
  seen<K extends EventName>(name: K): readonly EventMap[K][] {
    return this.#seen[name] ?? []
  }

  /** Messages of what went wrong in the application, as the log has them. */
  get errors(): string[] {
    return this.seen('applicationError').map(({ error }) => (error instanceof Error ? error.message : String(error)))
  }

  async client(): Promise<RawClient> {
    const client = await RawClient.connect(this.port)
    this.#clients.push(client)
    return client
  }

  /** One request on a connection of its own, in the pieces given, and its final answer. */
  async request(...pieces: (string | Uint8Array)[]): Promise<RawResponse> {
    const client = await this.client()
    await client.send(...pieces)
    return client.finalResponse(String(pieces[0]).split(' ', 1)[0])
  }

  get(path: string = '/', ...fieldLines: string[]): Promise<RawResponse> {
    return this.request(`GET ${path} HTTP/1.1\r\nHost: a.example\r\n${fieldLines.map((line) => `${line}\r\n`).join('')}\r\n`)
  }

  /** Stops the server as its owner would, with its clients still there. */
  stop(grace: number = 5): Promise<void> {
    return this.#server.close({ grace })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy()
    await this.#server.close({ grace: 5 })
  }

  #record<K extends EventName>(events: Events, name: K): void {
    const seen: EventMap[K][] = []
    Object.assign(this.#seen, { [name]: seen })
    events.subscribe(name, (event) => { seen.push(event) })
  }
}

type Around = (application: WSGIApplication) => WSGIApplication

export type Serve = (application: WSGIApplication, params?: SettingsParams) => Promise<ServedApplication>

/** A rule that holds for an application as it is, and for the same with the validator around it. */
export function rule(name: string, check: (serve: Serve) => Promise<void>): void {
  bareRule(name, check)
  test(`${name} (validated)`, () => served(check, validator))
}

/** A rule about what the server does where the application breaks one: the validator would be before it. */
export function bareRule(name: string, check: (serve: Serve) => Promise<void>): void {
  test(name, () => served(check, (application) => application))
}

async function served(check: (serve: Serve) => Promise<void>, around: Around): Promise<void> {
  const started: ServedApplication[] = []
  try {
    await check(async (application, params) => {
      const served = await ServedApplication.start(around(application), params)
      started.push(served)
      return served
    })
  } finally {
    for (const served of started) await served[Symbol.asyncDispose]()
  }
}
