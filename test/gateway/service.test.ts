import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WSGIServer } from '../../src/app/wsgi-server.ts'
import type { Gateway } from '../../src/gateway/exchange.ts'
import { ownGateway, type GatewayContext } from '../../src/gateway/own-gateway.ts'
import { holdServices, registerService, ServiceFailure, type Service, type ServiceContext } from '../../src/gateway/service.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { get } from '../support/raw-client.ts'

const hello: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', [])
  return [Buffer.from('called')]
}

class Recorded implements Service {
  readonly calls: string[] = []
  failure: Error | undefined
  async start(context: ServiceContext): Promise<void> {
    this.calls.push(`start ${context.settings.serverSoftware}`)
    if (this.failure !== undefined) throw this.failure
  }
  async stop(): Promise<void> {
    this.calls.push('stop')
  }
  sources(): readonly string[] {
    return ['/a.py']
  }
}

const serve = async (callable: WSGIApplication): Promise<WSGIServer> => {
  const server = new WSGIServer(callable, { loadConfig: false, bind: '127.0.0.1:0', logLevel: 'none' })
  await server.start()
  return server
}

const addressOf = ({ addresses: [address] }: WSGIServer): string =>
  address?.kind === 'tcp' ? `http://127.0.0.1:${address.port}` : ''

test('an application that brings its own gateway is reached by it', async () => {
  const contexts: GatewayContext[] = []
  const own = (context: GatewayContext): Gateway => {
    contexts.push(context)
    return (exchange) => exchange.answer('200 OK', [], Buffer.from('own gateway'))
  }
  const server = await serve(Object.assign((...call: Parameters<WSGIApplication>) => hello(...call), { [ownGateway]: own }))
  try {
    assert.equal((await get(addressOf(server), '/')).body.toString(), 'own gateway')
    assert.equal(contexts.length, 1)
    assert.equal(contexts[0]?.multiprocess, false)
  } finally {
    await server.close()
  }
})

test('a service is started before the server serves and stopped when it has closed, then forgotten', async () => {
  const service = new Recorded()
  registerService(service)
  registerService(service)
  const server = await serve(hello)
  assert.deepEqual(service.calls, ['start pulsar'])
  await server.close()
  assert.deepEqual(service.calls, ['start pulsar', 'stop'])
  await (await serve(hello)).close()
  assert.equal(service.calls.length, 2)
})

test('a service that two servers hold is stopped with the second', async () => {
  const service = new Recorded()
  registerService(service)
  const first = await serve(hello)
  const second = await serve(hello)
  await first.close()
  assert.deepEqual(service.calls, ['start pulsar'])
  await second.close()
  assert.deepEqual(service.calls, ['start pulsar', 'stop'])
})

test('where a service cannot be started the server does not start, and no other service goes on', async () => {
  const [good, bad] = [new Recorded(), new Recorded()]
  bad.failure = new ServiceFailure('cannot start', 'why')
  registerService(good)
  registerService(bad)
  await assert.rejects(serve(hello), bad.failure)
  assert.deepEqual(good.calls, ['start pulsar', 'stop'])
})

test('a server that cannot listen stops the services that it had started', async () => {
  const taken = await serve(hello)
  const service = new Recorded()
  registerService(service)
  const [address] = taken.addresses
  const server = new WSGIServer(hello, { loadConfig: false, bind: `127.0.0.1:${address?.kind === 'tcp' ? address.port : 0}`, logLevel: 'none' })
  try {
    await assert.rejects(server.start(), /EADDRINUSE|in use/)
    assert.deepEqual(service.calls, ['start pulsar', 'stop'])
  } finally {
    await taken.close()
  }
})

test('the holder is told what services were made of', async () => {
  const service = new Recorded()
  registerService(service)
  const held = await holdServices({ settings: {} as never, events: {} as never, multiprocess: false, watching: true })
  assert.deepEqual(held.sources(), ['/a.py'])
  await held.release()
  await held.release()
  assert.deepEqual(service.calls, ['start undefined', 'stop'])
})
