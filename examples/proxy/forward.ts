/** One request passed on, and its answer back, neither ever whole in memory. */
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Environ, InputStream, StartResponse, WSGIBody } from 'pulsar-wsgi'
import { requestFields, responseFields } from './proxy-fields.ts'
import type { Upstream } from './proxy.ts'
import { Silence, upstreamError } from './upstream-error.ts'

/** Connections to other servers are kept for a while. */
const agents = { http: new Agent({ keepAlive: true, timeout: 60_000 }), https: new TlsAgent({ keepAlive: true, timeout: 60_000 }) } as const

interface Target extends Upstream {
  readonly url: URL
}

export async function forward(environ: Environ, startResponse: StartResponse, target: Target): Promise<WSGIBody> {
  const answer = await answered(environ, target).catch((error: unknown) => { throw upstreamError(error, target.url.host) })
  const { statusCode, statusMessage, rawHeaders, httpVersion } = answer
  startResponse(`${statusCode} ${statusMessage || 'Unknown'}`, responseFields(rawHeaders, httpVersion))
  // Read block by block as the client takes them; where it breaks off, so does the answer.
  return answer
}

/** A kept connection may have been closed when it is used again: what has no body is asked once more (RFC 9110 section 9.2.2). */
async function answered(environ: Environ, target: Target): Promise<IncomingMessage> {
  const { CONTENT_LENGTH: length = '0', HTTP_TRANSFER_ENCODING: coding, REQUEST_METHOD: method } = environ
  const hasBody = length !== '0' || coding !== undefined
  const sent = send(environ, target)
  try {
    return await exchanged(environ, { sent, hasBody })
  } catch (error) {
    const again = sent.reusedSocket && !hasBody && ['GET', 'HEAD', 'OPTIONS'].includes(method) && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    if (!again) throw error
    return await exchanged(environ, { sent: send(environ, target), hasBody })
  }
}

function send(environ: Environ, { url, change, patience }: Target): ClientRequest {
  const fields = requestFields(environ, url.host)
  for (const one of change) one(fields, environ)
  const secure = url.protocol === 'https:'
  const sent = (secure ? httpsRequest : httpRequest)(url, {
    method: environ.REQUEST_METHOD, headers: Object.fromEntries(fields), agent: agents[secure ? 'https' : 'http'], timeout: patience,
  })
  sent.on('timeout', () => sent.destroy(new Silence()))
  const { 'pulsar.connection': connection } = environ
  // Interim answers are passed on; 100 is the server's own, when the body is read (RFC 9110 section 15.2).
  sent.on('information', ({ statusCode, statusMessage, rawHeaders, httpVersion }) => {
    if (statusCode !== 100 && statusCode !== 101) connection.informational(`${statusCode} ${statusMessage || 'Unknown'}`, responseFields(rawHeaders as unknown as string[], httpVersion))
  })
  connection.onClose(() => sent.destroy())
  return sent
}

function exchanged(environ: Environ, { sent, hasBody }: { readonly sent: ClientRequest, readonly hasBody: boolean }): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let answered = false
    sent.on('response', (answer) => {
      answered = true
      resolve(answer)
    })
    // Behind the answer it is the end of a body that nobody wants any more.
    sent.on('error', reject)
    const body = (): void => {
      // RFC 9110 section 10.1.1: a client that waits for 100 gets it when its body is read; after a final answer it is not.
      if (answered) return
      pipeline(Readable.from(pieces(environ['wsgi.input'])), sent).catch((error: unknown) => reject(error))
    }
    if (!hasBody) sent.end()
    else if (environ['HTTP_EXPECT'] === undefined) body()
    else {
      sent.once('continue', body)
      sent.flushHeaders()
    }
  })
}

/** As they come: iterating over the input would wait for ends of lines, and read() for as many bytes as it is asked for. */
async function* pieces(input: InputStream): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const piece = await (input.some?.() ?? input.read(65_536))
    if (piece.length === 0) return
    yield piece
  }
}
