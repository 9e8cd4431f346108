/** Cookies: those that came, set and taken away. */
import type { Router, WsgiRequest, WsgiResponse } from 'pulsar-wsgi'
import { asBadRequest } from './as-bad-request.ts'

export function addCookies(router: Router): void {
  router.get('cookies', (request) => ({ cookies: request.cookies }), { parameters: { title: 'The cookies of the request' } })
  router.get('cookies/set', (request) => {
    const response = request.redirect('../cookies')
    for (const [name, value] of request.query) setCookie(response, name, value)
    return response
  }, { parameters: { title: 'Sets what the query says', query: 'taste=sweet' } })
  router.get('cookies/set/<name>/<value>', (request, { name, value }) => setCookie(request.redirect('../../../cookies'), name, value),
    { defaults: { name: 'shape', value: 'round' }, parameters: { title: 'Sets one' } })
  router.get('cookies/delete', (request: WsgiRequest<unknown>) => {
    const response = request.redirect('../cookies')
    for (const name of request.query.keys()) asBadRequest(() => response.deleteCookie(name))
    return response
  }, { parameters: { title: 'Takes away those that the query names', query: 'taste' } })
}

function setCookie(response: WsgiResponse, name: string, value: string): WsgiResponse {
  return asBadRequest(() => response.setCookie(name, value))
}
