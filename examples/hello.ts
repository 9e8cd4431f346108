/**
 * A web server that answers every request with `Hello World!`. Any of
 *
 *   npx pulsar examples/hello.ts
 *   npx tsx examples/hello.ts
 *   node examples/hello.ts          (Node 22.18 and later)
 *
 * serves it on http://127.0.0.1:8060; `--help` lists the options.
 */
import { WSGIServer, type Environ, type StartResponse } from 'pulsar-wsgi'

function hello(environ: Environ, startResponse: StartResponse) {
  const data = Buffer.from('Hello World!')
  const responseHeaders: [string, string][] = [
    ['Content-type', 'text/plain'],
    ['Content-Length', String(data.length)],
  ]
  startResponse('200 OK', responseHeaders)
  return [data]
}

new WSGIServer(hello).start()
