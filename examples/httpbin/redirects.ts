/** Answers that send the client elsewhere. Locations are relative, so that they hold below any prefix. */
import { BadRequest, WsgiResponse, type RedirectStatus, type Router } from 'pulsar-wsgi'
import { asBadRequest } from './as-bad-request.ts'

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const statuses: readonly RedirectStatus[] = [301, 302, 303, 307, 308]

export function addRedirects(router: Router): void {
  const next = (times: number) => (times === 1 ? '../get' : String(times - 1))
  const parameters = (title: string) => ({ defaults: { times: 3 }, parameters: { title } })

  router.get('redirect/<int(min=1, max=10):times>', (request, { times }) => {
    const absolute = request.query.get('absolute')?.toLowerCase() === 'true'
    return request.redirect(absolute ? request.absoluteUri(next(times)) : next(times))
  }, parameters('302 so many times, then /get'))
  router.get('relative-redirect/<int(min=1, max=10):times>', (request, { times }) =>
    request.redirect(next(times)), parameters('The same, by relative locations'))
  router.get('absolute-redirect/<int(min=1, max=10):times>', (request, { times }) =>
    request.redirect(request.absoluteUri(next(times))), parameters('The same, by absolute locations'))
  // Whoever links to it says where it leads: fit for tests, not for a site that people trust.
  router.on(everyMethod, 'redirect-to', (request) => {
    const url = request.query.get('url')
    if (url === null) throw new BadRequest('url is missing')
    const status = Number(request.query.get('status_code') ?? 302)
    return asBadRequest(() => WsgiResponse.redirect(url, statuses.find((one) => one === status) ?? 302))
  }, { parameters: { title: 'To ?url=, with ?status_code=', query: 'url=get&status_code=307' } })
}
