/** WebSockets over TLS, and beside Python. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { connect } from '../../src/ws/client.ts'
import { WsgiHandler } from '../../src/web/wsgi-handler.ts'
import { WebSocket } from '../../src/ws/websocket.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { projectRoot } from '../support/project.ts'
import { pythonPlace, startPython, withoutPython3 } from '../support/python-server.ts'
import { ServedApplication } from '../support/served-application.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-wss-'))
after(() => rmSync(directory, { recursive: true }))

/** Says something, and hears so many characters. */
async function heard(url: string, said: readonly string[], options: { readonly ca?: string } = {}): Promise<string[]> {
  const messages: string[] = []
  let done: () => void = () => undefined
  const all = new Promise<void>((resolve) => { done = resolve })
  const ws = await connect(url, { ...options, handler: { onMessage: (_ws, message) => { if (messages.push(message) === said.length) done() } } })
  for (const text of said) await ws.write(text)
  await all
  ws.close()
  return messages
}

test('WebSockets over TLS echo small messages and large ones, and know that they are secure', async () => {
  const certificate = makeCertificate({ name: 'localhost', hosts: ['127.0.0.1'] })
  const files = writeCertificate(directory, 'server', certificate)
  const schemes: string[] = []
  await using served = await ServedApplication.start(new WsgiHandler([new WebSocket('/echo', {
    onOpen: (ws) => { schemes.push(ws.environ['wsgi.url_scheme']) },
    onMessage: (ws, text) => ws.write(text),
  })]), files)
  const said = ['small', 'x'.repeat(300_000), ...Array.from({ length: 200 }, (_, i) => `one of many ${i}`), 'y'.repeat(900_000)]
  assert.deepEqual(await heard(`wss://127.0.0.1:${served.port}/echo`, said, { ca: certificate.cert }), said)
  assert.deepEqual(schemes, ['https'])
  assert.deepEqual(served.errors, [])
})

test('a WebSocket in TypeScript beside a Python application, each below its mount', { skip: withoutPython3 }, async () => {
  const place = pythonPlace()
  const dist = (path: string): string => JSON.stringify(pathToFileURL(join(projectRoot, 'dist', path)).href)
  writeFileSync(join(place, 'hello.py'), [
    'def application(environ, start_response):',
    "    start_response('200 OK', [('Content-Type', 'text/plain')])",
    "    return [('Python at ' + environ['SCRIPT_NAME'] + environ['PATH_INFO']).encode()]",
    '',
  ].join('\n'))
  writeFileSync(join(place, 'site.mjs'), [
    `import { mount, WsgiHandler } from ${dist('index.js')}`,
    `import { python } from ${dist('python/index.js')}`,
    `import { WebSocket } from ${dist('ws/index.js')}`,
    "const live = new WsgiHandler([new WebSocket('/echo', { onMessage: (ws, text) => ws.write(`${ws.environ.SCRIPT_NAME}: ${text}`) })])",
    "export default mount({ '/live': live, '/py': python('hello:application') })",
    '',
  ].join('\n'))
  const server = await startPython(['site.mjs', '-w', '1'], { cwd: place })
  const socket = `${server.address.replace('http', 'ws')}/live/echo`
  assert.deepEqual(await heard(socket, ['one', 'two']), ['/live: one', '/live: two'])
  assert.equal(await server.body('/py/page'), 'Python at /py/page')
  // An upgrade that Python does not take is a request like any other.
  await assert.rejects(connect(`${server.address.replace('http', 'ws')}/py/page`), /200/)
  assert.deepEqual(await heard(socket, ['three']), ['/live: three'])
  await server.stop()
})
