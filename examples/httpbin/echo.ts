/** Routes that say what the request was. */
import { randomUUID } from 'node:crypto'
import { HttpError, type Router, type WsgiRequest } from 'pulsar-wsgi'
import { bodyFacts, headersOf, requestFacts } from './request-facts.ts'

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export function addEcho(router: Router): void {
  const title = (text: string) => ({ parameters: { title: text } })
  const echo = async (request: WsgiRequest<unknown>) => ({ ...requestFacts(request), ...await bodyFacts(request) })

  router.get('get', requestFacts, title('The request: arguments, headers, address'))
  router.post('post', echo, title('The same with the body: a form, files, JSON, anything'))
  router.put('put', echo, title('The same for PUT'))
  router.patch('patch', echo, title('The same for PATCH'))
  router.delete('delete', echo, title('The same for DELETE'))
  router.on(everyMethod, 'anything', echo, title('The same for whichever method'))
  router.on(everyMethod, 'anything/<path:rest>', echo, { ...title('And for whichever path'), defaults: { rest: 'some/where' } })
  router.post('expect', (request) => {
    // Nothing has asked for the body yet, so the client still waits for its "100 Continue".
    if (request.headers.has('expect')) throw new HttpError(417, 'this one does not say go on')
    return echo(request)
  }, title('417 for clients that send Expect: 100-continue, else the request'))
}

export function addInspection(router: Router): void {
  const title = (text: string) => ({ parameters: { title: text } })

  router.get('headers', (request) => ({ headers: headersOf(request) }), title('The header fields of the request'))
  router.get('ip', (request) => ({ origin: request.clientAddress }), title('The address of the client'))
  router.get('user-agent', (request) => ({ 'user-agent': request.headers.get('user-agent') ?? null }), title('What the client calls itself'))
  router.get('uuid', () => ({ uuid: randomUUID() }), title('A random UUID'))
  router.get('stats', () => ({ node: process.version, uptime: process.uptime(), memory: process.memoryUsage().rss }), title('The process that answers'))
}
