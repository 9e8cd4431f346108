/** What Python publishes reaches those who have subscribed in TypeScript. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { WSGIServer } from '../../src/app/wsgi-server.ts'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { pubsub } from '../../src/pubsub/server-hub.ts'
import { python } from '../../src/python/index.ts'
import { pythonPlace, startPython, withoutPython3 } from '../support/python-server.ts'
import { get } from '../support/raw-client.ts'
import { eventually } from '../support/workers.ts'

const VIEW = `
def app(environ, start_response):
    publish = environ['pulsar.publish']
    publish('python.' + environ['PATH_INFO'][1:], 'grüß ' + environ['QUERY_STRING'])
    publish('python.bytes', b'\\x00\\xff')
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'published']
`

const place = (): string => {
  const cwd = pythonPlace()
  writeFileSync(join(cwd, 'view.py'), VIEW)
  return cwd
}

suite('environ["pulsar.publish"]', { skip: withoutPython3 }, () => {
  const direct = (cwd: string): WSGIApplication => python('view:app', { cwd })
  const wrapped = (cwd: string): WSGIApplication => {
    const inner = python('view:app', { cwd })
    return (environ, startResponse) => inner(environ, startResponse)
  }
  for (const [way, make] of Object.entries({ direct, wrapped })) {
    test(`${way}: text and bytes are heard, in order, before the answer is there`, async () => {
      const heard: unknown[] = []
      const { unsubscribe } = pubsub.subscribe({ pattern: 'python.*' }, (message, channel) => heard.push([channel, typeof message === 'string' ? message : [...message]]))
      const server = new WSGIServer(make(place()), { loadConfig: false, bind: '127.0.0.1:0', logLevel: 'none' })
      await server.start()
      try {
        const [address] = server.addresses
        const answer = await get(`http://127.0.0.1:${address?.kind === 'tcp' ? address.port : 0}`, '/room?a=b')
        assert.equal(answer.body.toString(), 'published')
        assert.deepEqual(heard, [['python.room', 'grüß a=b'], ['python.bytes', [0, 255]]])
      } finally {
        unsubscribe()
        await server.close()
      }
    })
  }

  test('other server processes hear it too', async () => {
    const cwd = place()
    const module = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
    writeFileSync(join(cwd, 'app.mjs'), `import { pubsub } from ${module('index.js')}
import { python } from ${module('python/index.js')}
const view = python('view:app', { cwd: import.meta.dirname })
const heard = []
pubsub.subscribe({ pattern: 'python.*' }, (message) => { if (typeof message === 'string') heard.push(message) })
export default (environ, startResponse) => {
  if (environ.PATH_INFO !== '/heard') return view(environ, startResponse)
  startResponse('200 OK', [])
  return [Buffer.from(JSON.stringify({ pid: process.pid, heard }))]
}
`)
    const server = await startPython(['-w', '2', 'app.mjs'], { cwd })
    const said = Array.from({ length: 10 }, (_, number) => `grüß ${number}`)
    for (let number = 0; number < said.length; number++) assert.equal(await server.body(`/room?${number}`), 'published')
    const processes = new Map<number, string[]>()
    await eventually(async () => {
      const { pid, heard } = JSON.parse(await server.body('/heard')) as { pid: number, heard: string[] }
      processes.set(pid, heard)
      return processes.size === 2 && [...processes.values()].every(({ length }) => length === said.length)
    }, () => `both processes to hear it: ${JSON.stringify([...processes])}`)
    // Of two publishers each is heard in its own order.
    for (const heard of processes.values()) assert.deepEqual(heard.sort(), said)
    assert.equal((await server.stop()).code, 0)
  })
})
