/** The same handler on node:http and on Pulsar, the same bytes sent to both, and what came of it compared. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { fromNode, type NodeHandler } from '../../src/gateway/adapters/index.ts'
import { RawClient, type RawResponse } from './raw-client.ts'
import { ServedApplication } from './served-application.ts'

/** What a handler saw, in order; a test waits for an entry instead of a time. */
export class Trace {
  readonly entries: string[] = []
  #wake: (() => void)[] = []

  add(entry: string): void {
    this.entries.push(entry)
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** Notes each of these events of an emitter as `name event`. */
  follow(name: string, emitter: { on(event: string, listener: () => void): unknown }, ...events: readonly string[]): void {
    for (const event of events) emitter.on(event, () => this.add(`${name} ${event}`))
  }

  async until(...wanted: readonly string[]): Promise<void> {
    const late = AbortSignal.timeout(10_000)
    while (!wanted.every((entry) => this.entries.includes(entry))) {
      await new Promise<void>((resolve, reject) => {
        this.#wake.push(resolve)
        late.addEventListener('abort', () => reject(new Error(`no ${wanted.join(', ')} among ${this.entries.join(', ')}`)), { once: true })
      })
    }
  }
}

/** Fields that are each server's own, or differ from one run to the next. */
const OWN = new Set(['date', 'server', 'connection', 'keep-alive'])

/** What must be the same. `framing`: how the end of the body was told. */
export function comparable(response: RawResponse, compared: 'framing' | 'content' = 'framing'): unknown {
  const fields = response.fields.map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .filter((line) => !OWN.has(line.split(':', 1)[0] as string))
    .filter((line) => compared === 'framing' || !/^(?:content-length|transfer-encoding):/.test(line))
  return { status: response.status, reason: response.reason, fields: fields.sort(), body: response.body.toString('latin1'), trailers: response.trailers }
}

type Make = (trace: Trace) => NodeHandler
type Talk = (client: RawClient, trace: Trace) => Promise<unknown>

export interface TwinOptions {
  /** Also called as a WSGI application, with an environ. Default true. */
  readonly environ?: boolean
  /** The server in front of the handler, where the handler alone does not do. */
  readonly server?: (handler: NodeHandler, trace: Trace) => Server
  /** The order of events is not compared. */
  readonly order?: 'any'
}

/** A test that the outcome and the trace are the same on both. */
export function twins(name: string, make: Make, talk: Talk, options: TwinOptions = {}): void {
  const server = options.server ?? ((handler: NodeHandler) => createServer(handler))
  const outcome = async (port: number, trace: Trace): Promise<unknown> => {
    await using client = await RawClient.connect(port)
    const said = await talk(client, trace)
    return { said, trace: options.order === 'any' ? trace.entries.sort() : trace.entries }
  }
  const onNode = async (): Promise<unknown> => {
    const trace = new Trace()
    const listening = server(make(trace), trace).listen(0, '127.0.0.1')
    await new Promise((resolve) => listening.once('listening', resolve))
    try {
      return await outcome((listening.address() as AddressInfo).port, trace)
    } finally {
      listening.close().closeAllConnections()
    }
  }
  const onPulsar = async (around: (application: ReturnType<typeof fromNode>) => Parameters<typeof ServedApplication.start>[0]): Promise<unknown> => {
    const trace = new Trace()
    const handler = make(trace)
    await using served = await ServedApplication.start(around(fromNode(options.server === undefined ? handler : server(handler, trace))))
    const seen = await outcome(served.port, trace)
    assert.deepEqual(served.errors, [])
    return seen
  }
  test(`${name}, as on node:http`, async () => {
    assert.deepEqual(await onPulsar((application) => application), await onNode())
  })
  if (options.environ === false) return
  test(`${name}, as on node:http (by an environ)`, async () => {
    assert.deepEqual(await onPulsar((application) => (environ, startResponse) => application(environ, startResponse)), await onNode())
  })
}
