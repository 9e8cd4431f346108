/** Node handlers do what every kind of application does. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { fromNode, type NodeHandler } from '../../../src/gateway/adapters/index.ts'
import { testKind, type Specimen } from '../../support/kind-contract.ts'

const error = (): Error => new Error('specimen error')
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function specimen(): Specimen {
  let release!: () => void
  const released = new Promise<void>((resolve) => { release = resolve })
  let tell!: () => void
  const gone = new Promise<void>((resolve) => { tell = resolve })
  let made = 0

  const routes: Readonly<Record<string, NodeHandler>> = {
    '/hello': (_req, res) => {
      res.setHeader('Content-Type', 'text/plain; charset=utf-8').setHeader('X-Kind', 'specimen')
      res.end('hello')
    },
    '/echo': (req, res) => {
      res.setHeader('Content-Type', 'application/octet-stream')
      req.pipe(res)
    },
    '/count': async (req, res) => {
      let count = 0
      for await (const block of req) count += (block as Buffer).length
      res.end(String(count))
    },
    '/seen': (req, res) => { res.end(JSON.stringify({ method: req.method, url: req.url, fields: req.headers })) },
    '/cookies': (_req, res) => { res.setHeader('Set-Cookie', ['a=1', 'b=2; Path=/']).end() },
    '/parts': async (_req, res) => {
      res.write('one')
      await released
      res.end('two')
    },
    '/large': (req, res) => {
      const blocks = Number(new URL(req.url as string, 'http://h').searchParams.get('blocks'))
      return pipeline(async function* () {
        while (made < blocks) {
          made++
          yield new Uint8Array(65_536)
        }
      }, res).catch((failure: NodeJS.ErrnoException) => {
        if (failure.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw failure
      })
    },
    '/throws': () => { throw error() },
    '/rejects': () => Promise.reject(error()),
    '/breaks': async (_req, res) => {
      res.write('first')
      await turn()
      throw error()
    },
    '/waits': (req) => { req.on('close', tell) },
    '/endless': (_req, res) => {
      res.on('close', tell)
      res.write('first')
    },
    '/injects': (_req, res) => { res.setHeader('X-Bad', 'a\r\nInjected: yes').end() },
    '/hints': (_req, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' })
      res.end('hinted')
    },
  }

  const handler = (req: IncomingMessage, res: ServerResponse): unknown => {
    const path = (req.url as string).replace(/\?.*/, '')
    const status = /^\/status\/(\d+)$/.exec(path)?.[1]
    return status === undefined ? (routes[path] as NodeHandler)(req, res) : res.writeHead(Number(status)).end()
  }
  return { application: fromNode(handler), release, gone, get made() { return made } }
}

testKind('a Node handler', specimen)
