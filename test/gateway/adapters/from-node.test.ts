/** Node's own semantics: every test runs on node:http too, and both must have seen and sent the same. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { fromNode } from '../../../src/gateway/adapters/index.ts'
import { comparable, twins, type Trace } from '../../support/node-twins.ts'
import { RawClient } from '../../support/raw-client.ts'
import { ServedApplication } from '../../support/served-application.ts'

const get = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'
const answer = (text: string) => async (client: RawClient): Promise<unknown> => {
  await client.send(text)
  return comparable(await client.finalResponse(text.split(' ', 1)[0]))
}
const answered = (text: string, ...until: string[]) => async (client: RawClient, trace: Trace): Promise<unknown> => {
  const said = await answer(text)(client)
  await trace.until(...until)
  return said
}
const content = (text: string) => async (client: RawClient): Promise<unknown> => {
  await client.send(text)
  return comparable(await client.finalResponse(text.split(' ', 1)[0]), 'content')
}

describe('a request', () => {
  const shown = (req: IncomingMessage): object => ({
    method: req.method, url: req.url, version: req.httpVersion, major: req.httpVersionMajor, minor: req.httpVersionMinor,
    headers: req.headers, distinct: req.headersDistinct, aborted: req.aborted, destroyed: req.destroyed,
    readable: req.readable, trailers: req.trailers,
  })

  twins('has its line and its headers', () => (req, res) => { res.end(JSON.stringify(shown(req))) },
    answer('GET /a%20b?c=d&c=e HTTP/1.1\r\nhost: a.example\r\nx-one: 1\r\nx-one: 2\r\ncookie: a=b\r\ncookie: c=d\r\naccept: */*\r\n\r\n'), { environ: false })

  twins('has the lines as they came', () => (req, res) => { res.end(JSON.stringify(req.rawHeaders)) },
    answer('GET / HTTP/1.1\r\nHost: a.example\r\nX-ONE: 1\r\nx-one: 2\r\n\r\n'), { environ: false })

  twins('of HTTP/1.0 says so', () => (req, res) => { res.end(req.httpVersion) }, content('GET / HTTP/1.0\r\nHost: a.example\r\n\r\n'))

  twins('gives its body as a stream', (trace) => (req, res) => {
    trace.follow('req', req, 'end', 'close')
    let body = ''
    req.setEncoding('utf8').on('data', (text: string) => { body += text })
    req.on('end', () => res.end(`${body} ${req.complete} ${req.readableEnded}`))
  }, answered('POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody', 'req end', 'req close'), { order: 'any' })

  twins('gives its body by iteration, with its trailers', () => async (req, res) => {
    const pieces: Buffer[] = []
    for await (const piece of req) pieces.push(piece as Buffer)
    res.end(`${Buffer.concat(pieces).toString()} ${JSON.stringify(req.trailers)} ${JSON.stringify(req.rawTrailers)}`)
  }, answer('POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n'), { environ: false })

  twins('ends when it is answered, though nobody has read it', (trace) => (req, res) => {
    trace.follow('req', req, 'end', 'close')
    res.end('enough')
  }, answered('POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody', 'req end', 'req close'), { order: 'any' })

  test('knows both ends of its connection', async () => {
    await using served = await ServedApplication.start(fromNode((req, res) => {
      const { remoteAddress, remotePort, remoteFamily, localAddress, localPort, destroyed, readable, writable } = req.socket
      const encrypted = (req.socket as { encrypted?: boolean }).encrypted
      assert.ok(req.socket instanceof Socket && req.socket === res.socket && req.connection === req.socket)
      res.end(JSON.stringify({ remoteAddress, port: typeof remotePort, remoteFamily, localAddress, localPort, destroyed, readable, writable, encrypted }))
    }))
    assert.deepEqual(JSON.parse((await served.get()).body.toString()), {
      remoteAddress: '127.0.0.1', port: 'number', remoteFamily: 'IPv4', localAddress: '127.0.0.1', localPort: served.port,
      destroyed: false, readable: true, writable: true, encrypted: false,
    })
  })
})

describe('an answer', () => {
  twins('by end() alone has its length', () => (_req, res) => { res.end('hello') }, answer(get))
  twins('without a body says so', () => (_req, res) => { res.end() }, answer(get))
  twins('has headers of every shape', () => (_req, res) => {
    res.setHeader('X-Number', 5).setHeader('X-List', ['a', 'b']).setHeader('Set-Cookie', ['a=1', 'b=2'])
    res.appendHeader('X-List', 'c')
    res.setHeader('X-Gone', '1')
    res.removeHeader('x-gone')
    res.end(JSON.stringify([res.getHeaders(), res.getHeaderNames(), res.hasHeader('x-list'), res.getHeader('X-NUMBER')]))
  }, answer(get))
  twins('takes writeHead() with an object', () => (_req, res) => { res.writeHead(201, 'Made', { 'X-One': '1', 'X-Two': ['2', '3'] }).end('x') }, content(get))
  twins('takes writeHead() with a flat list', () => (_req, res) => { res.writeHead(200, ['X-One', '1', 'x-one', '2']).end('x') }, content(get))
  twins('takes writeHead() over headers that were set', () => (_req, res) => {
    res.setHeader('X-One', 'a').setHeader('X-Two', 'b')
    res.writeHead(200, { 'x-one': 'c' }).end('x')
  }, content(get))
  twins('has the status that was set', () => (_req, res) => {
    res.statusCode = 404
    res.statusMessage = 'Not Here'
    res.end('no')
  }, answer(get))
  twins('of an unknown status says so', () => (_req, res) => { res.writeHead(599).end() }, content(get))
  twins('in pieces is chunked', () => async (_req, res) => {
    res.write('one ')
    await new Promise((resolve) => setImmediate(resolve))
    res.write(Buffer.from('two '))
    res.write('c3a9', 'hex')
    res.end('!', 'latin1')
  }, answer(get))
  twins('in pieces with a length is not', () => async (_req, res) => {
    res.setHeader('Content-Length', 7)
    res.write('one')
    await new Promise((resolve) => setImmediate(resolve))
    res.end(' two')
  }, answer(get))
  twins('of several writes in one go has them all', () => (_req, res) => {
    for (let i = 0; i < 100; i++) res.write(`${i} `)
    res.end('end')
  }, content(get))
  twins('to HEAD has no body', () => (_req, res) => {
    res.setHeader('Content-Length', 5)
    res.end('hello')
  }, answer('HEAD / HTTP/1.1\r\nHost: a.example\r\n\r\n'))
  for (const status of [204, 304]) {
    twins(`of ${status} has no body`, () => (_req, res) => { res.writeHead(status, { ETag: '"a"' }).end('never') }, answer(get))
  }
  twins('has trailers', () => (_req, res) => {
    res.writeHead(200, { Trailer: 'X-Sum' })
    res.write('body')
    res.addTrailers({ 'X-Sum': '4' })
    res.end()
  }, answer(get), { environ: false })
  twins('is the whole of a large body', () => (_req, res) => { res.end(Buffer.alloc(300_000, 'x')) }, answer(get))
  twins('flushes its head before there is a body', () => (req, res) => {
    res.flushHeaders()
    res.write('')
    setImmediate(() => res.end(`${res.headersSent} ${req.complete}`))
  }, answer(get))
  twins('tells of itself', () => (_req, res) => {
    const before = [res.headersSent, res.writableEnded, res.writableFinished, res.writableLength, res.statusCode, res.finished, res.destroyed, res.writableCorked, res.writableObjectMode, res.closed, res.errored]
    res.write('x')
    res.end(JSON.stringify([before, res.headersSent, res.writableEnded, res.writableNeedDrain]))
  }, content(get))
})

describe('events and callbacks', () => {
  twins('come in order', (trace) => (req, res) => {
    trace.follow('res', res, 'prefinish', 'finish', 'close', 'error')
    res.on('finish', () => trace.add(`${res.writableFinished} ${res.writableEnded} ${res.socket === null} ${req.destroyed}`))
    res.write('a', () => trace.add('written'))
    res.end('b', () => trace.add('ended'))
    trace.add('handled')
  }, async (client, trace) => {
    await client.send(get)
    await trace.until('res close')
    return null
  }, { environ: false, order: 'any' })

  twins('of an answer that is there at once', (trace) => (_req, res) => {
    trace.follow('res', res, 'prefinish', 'finish', 'close', 'error')
    res.end('b', () => trace.add('ended'))
    trace.add('handled')
  }, answered(get, 'res close', 'ended'), { order: 'any' })

  twins('tell of a write after the end', (trace) => (_req, res) => {
    res.on('error', (error: NodeJS.ErrnoException) => trace.add(String(error.code)))
    res.end('x')
    res.write('y', (error) => trace.add(`write ${(error as NodeJS.ErrnoException).code}`))
    res.end('z', () => trace.add('end'))
  }, answered(get, 'write ERR_STREAM_WRITE_AFTER_END', 'end'), { order: 'any' })

  twins('tell of what is no content', () => (_req, res) => {
    const codes = [null, 5, {}].map((wrong) => {
      try {
        res.write(wrong as unknown as string)
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      }
      return 'none'
    })
    res.end(codes.join(' '))
  }, answer(get))

  twins('tell of headers that cannot be sent', () => (_req, res) => {
    const codes = [
      () => res.setHeader('a b', 'x'), () => res.setHeader('a', 'x\r\ny'), () => res.writeHead(20), () => res.writeHead(200, 'a\nb'), () => { res.statusMessage = 'OK' },
      () => res.setHeader('a', undefined as unknown as string),
      () => { res.flushHeaders(); res.setHeader('late', '1') }, () => res.writeHead(200), () => res.removeHeader('a'),
    ].map((wrong) => {
      try {
        wrong()
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      }
      return 'none'
    })
    res.end(codes.join(' '))
  }, content(get))
})

describe('the connection', () => {
  twins('takes pipelined requests in turn', (trace) => (req, res) => {
    trace.add(req.url as string)
    setImmediate(() => res.end(req.url))
  }, async (client) => {
    await client.send(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`).join(''))
    const all = []
    for (let i = 0; i < 3; i++) all.push(comparable(await client.response()))
    return all
  }, { order: 'any' })

  twins('is closed where the answer says so', () => (_req, res) => { res.setHeader('Connection', 'close').end('bye') }, async (client) => {
    await client.send(get)
    const response = comparable(await client.response())
    await client.untilClosed()
    return response
  }, { environ: false })

  twins('is closed where it shall not be kept', () => (_req, res) => {
    res.shouldKeepAlive = false
    res.end('bye')
  }, async (client) => {
    await client.send(get)
    const response = comparable(await client.response())
    await client.untilClosed()
    return response
  }, { environ: false })

  for (const [what, cut] of [
    ['the answer', (_req: IncomingMessage, res: ServerResponse) => res.destroy()], ['the request', (req: IncomingMessage) => req.destroy()],
    ['the socket', (req: IncomingMessage) => req.socket.destroy()],
  ] as const) {
    twins(`is cut when ${what} is destroyed`, (trace) => (req, res) => {
      trace.follow('req', req, 'close')
      trace.follow('res', res, 'finish', 'close')
      cut(req, res)
    }, async (client, trace) => {
      await client.send(get)
      const rest = await client.untilClosed()
      await trace.until('req close', 'res close')
      return rest.length
    }, { order: 'any', environ: false })
  }

  twins('that the client leaves ends both', (trace) => (req, res) => {
    trace.follow('req', req, 'aborted', 'close', 'end')
    trace.follow('res', res, 'finish', 'close')
    req.on('error', (error: NodeJS.ErrnoException) => trace.add(`req error ${error.code} ${error.message}`))
    res.write('begun')
    trace.add('handled')
  }, async (client, trace) => {
    await client.send(get)
    await trace.until('handled')
    client.reset()
    await trace.until('res close', 'req close')
    return null
  }, { order: 'any' })

  twins('that the client leaves within its body ends both', (trace) => (req, res) => {
    trace.follow('req', req, 'aborted', 'close', 'end')
    trace.follow('res', res, 'finish', 'close')
    req.on('error', (error: NodeJS.ErrnoException) => trace.add(`req error ${error.code} ${error.message}`))
    req.on('data', () => trace.add('data'))
    res.on('close', () => trace.add(`${res.writableEnded} ${res.destroyed} ${req.aborted} ${req.complete}`))
  }, async (client, trace) => {
    await client.send('POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\npart')
    await trace.until('data')
    client.reset()
    await trace.until('res close', 'req close')
    return null
  }, { order: 'any' })
})

describe('a client that ends its side', () => {
  twins('has gone, for a handler that has not answered', (trace) => (req, res) => {
    trace.follow('req', req, 'aborted', 'close')
    trace.follow('res', res, 'finish', 'close')
    trace.add('handled')
  }, async (client, trace) => {
    await client.send(get)
    await trace.until('handled')
    client.end()
    await client.untilClosed()
    await trace.until('req close', 'res close')
    return null
  }, { order: 'any' })
})

describe('interim answers', () => {
  const early = async (client: RawClient): Promise<unknown> => {
    await client.send(get)
    const interim = await client.response()
    return [interim.status, interim.reason, interim.fields.map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort(), comparable(await client.response())]
  }

  twins('are sent: 103', () => (_req, res) => {
    res.writeEarlyHints({ link: ['</a.css>; rel=preload; as=style'], 'x-trace': 'a' })
    res.end('late')
  }, early)

  twins('are sent: 102', () => (_req, res) => {
    res.writeProcessing()
    res.end('late')
  }, early)

  const expecting = 'POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n'
  const body = (req: IncomingMessage, res: ServerResponse): void => {
    let text = ''
    req.setEncoding('utf8').on('data', (piece: string) => { text += piece }).on('end', () => res.end(text))
  }
  const patient = async (client: RawClient): Promise<unknown> => {
    await client.send(expecting)
    const interim = await client.response()
    await client.send('body')
    return [interim.status, comparable(await client.response())]
  }

  twins('ask for a body that is read', () => body, patient)
  twins('ask for it where checkContinue says so', () => body, patient, {
    environ: false,
    server: (handler, trace) => createServer((_req, res) => { res.end('not asked') }).on('checkContinue', (req, res) => {
      trace.add(`checked ${req.headers.expect}`)
      res.writeContinue()
      handler(req, res)
    }),
  })
  twins('are not sent where checkContinue refuses', () => body, async (client) => {
    await client.send(expecting)
    return comparable(await client.response(), 'content')
  }, {
    environ: false,
    server: () => createServer().on('checkContinue', (_req, res) => { res.writeHead(403).end('no') }),
  })
})

twins('an answer may be corked, and its socket', () => (req, res) => {
  res.cork()
  res.write('one ')
  res.write('two ')
  process.nextTick(() => {
    res.uncork()
    req.socket.cork()
    req.socket.uncork()
    res.end('three')
  })
}, content(get))

describe('a slow client', () => {
  const BLOCK = Buffer.alloc(65_536, 'x')

  twins('makes writers wait, and go on with drain', (trace) => (_req, res) => {
    let left = 60
    const more = (): void => {
      while (left > 0) {
        left--
        if (!res.write(BLOCK)) {
          if (!trace.entries.includes('waited')) trace.add('waited')
          res.once('drain', more)
          return
        }
      }
      res.end(() => trace.add('ended'))
    }
    more()
  }, async (client, trace) => {
    client.pause()
    await client.send(get)
    await trace.until('waited')
    client.resume()
    const { body } = await client.response()
    await trace.until('ended')
    return body.length
  })

  test('keeps no more than the buffers of the way in memory', async () => {
    let written = 0
    let waiting = false
    await using served = await ServedApplication.start(fromNode((_req, res) => {
      const more = (): void => {
        do written += BLOCK.length
        while (res.write(BLOCK))
        waiting = true
        res.once('drain', more)
      }
      res.once('close', () => { written = -1 })
      more()
    }))
    const client = await served.client()
    client.pause()
    await client.send(get)
    // What the system's buffers take goes in some turns; then nothing more is written.
    let before = -1
    for (let still = 0; still < 50;) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      still = waiting && before === written ? still + 1 : 0
      before = written
    }
    assert.ok(written < 64 * 2 ** 20, `${written} bytes were written to a client that reads none`)
    client.destroy()
  })

  twins('that goes makes the wait end', (trace) => (_req, res) => {
    const more = (): void => {
      while (res.write(BLOCK));
      if (!trace.entries.includes('waited')) trace.add('waited')
      res.once('drain', more)
    }
    res.once('close', () => {
      trace.add(`close ${res.destroyed} ${res.writableFinished}`)
      res.write('more', (error) => trace.add(`failed ${(error as NodeJS.ErrnoException).code}`))
    })
    more()
  }, async (client, trace) => {
    client.pause()
    await client.send(get)
    await trace.until('waited')
    client.reset()
    await trace.until('failed ERR_STREAM_DESTROYED')
    return null
  }, { order: 'any' })
})

describe('a handler that fails', () => {
  for (const [how, handler] of [
    ['throws', () => { throw new Error('on purpose') }],
    ['rejects', async () => { throw new Error('on purpose') }],
    ['rejects later', async () => { await new Promise((resolve) => setImmediate(resolve)); throw new Error('on purpose') }],
  ] as const) {
    test(`is answered with 500 where it ${how}, and the connection goes on`, async () => {
      await using served = await ServedApplication.start(fromNode(handler))
      const client = await served.client()
      for (let i = 0; i < 2; i++) {
        await client.send(get)
        assert.equal((await client.response()).status, 500)
      }
      assert.deepEqual(served.errors, ['on purpose', 'on purpose'])
    })
  }

  test('after its answer has begun is cut, and told that it is over', async () => {
    let over: () => void = () => undefined
    const told = new Promise<void>((resolve) => { over = resolve })
    await using served = await ServedApplication.start(fromNode(async (_req, res) => {
      res.on('close', over)
      res.write('begun')
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('on purpose')
    }))
    const client = await served.client()
    await client.send(get)
    await assert.rejects(client.response(), /ended/)
    await told
    assert.deepEqual(served.errors, ['on purpose'])
  })
})

describe('a time limit of the handler', () => {
  twins('tells the answer and leaves the rest to it', (trace) => (_req, res) => {
    res.setTimeout(20, () => {
      trace.add('timeout')
      res.end('late')
    })
  }, answered(get, 'timeout'), { environ: false })

  twins('cuts where nobody listens', (trace) => (req, res) => {
    trace.follow('res', res, 'close', 'finish')
    req.setTimeout(20)
  }, async (client, trace) => {
    await client.send(get)
    await client.untilClosed()
    await trace.until('res close')
    return null
  }, { environ: false })
})
