/** Any status, and what belongs to it. */
import { BadRequest, WsgiResponse, type Router } from 'pulsar-wsgi'

const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Fields without which a status makes no sense (RFC 9110 sections 15.4 and 15.5). */
const needed: Readonly<Record<number, readonly [name: string, value: string]>> = {
  301: ['Location', '../redirect/1'],
  302: ['Location', '../redirect/1'],
  303: ['Location', '../redirect/1'],
  307: ['Location', '../redirect/1'],
  308: ['Location', '../redirect/1'],
  401: ['WWW-Authenticate', 'Basic realm="httpbin"'],
  405: ['Allow', everyMethod.join(', ')],
  418: ['X-More-Info', 'https://www.rfc-editor.org/rfc/rfc2324'],
}

export function addStatuses(router: Router): void {
  router.on(everyMethod, 'status/<int(min=100, max=599):status>', (_request, { status }) => answer(status), {
    defaults: { status: 418 }, parameters: { title: 'An answer with that status' },
  })
  router.on(everyMethod, 'status/<statuses>', (_request, { statuses }) => answer(drawn(statuses)), {
    defaults: { statuses: '200:3,404,503' }, parameters: { title: 'One of several, by weight' },
  })
  router.get('error', failing, { parameters: { title: 'A handler that throws: 500, and with --debug the page that says where' } })
}

function failing(): never {
  const cause = new RangeError('and this is why')
  throw new Error('this handler fails, so that you see what an error looks like', { cause })
}

function answer(status: number): WsgiResponse {
  if (status < 200) throw new BadRequest(`${status} is an interim status: no answer ends with it`)
  const field = needed[status]
  return status === 418
    ? WsgiResponse.text('I am a teapot, short and stout.\n', { status, headers: field === undefined ? [] : [field] })
    : new WsgiResponse({ status, headers: field === undefined ? [] : [field] })
}

/** `200:3,404` is 200 three times out of four. @throws {BadRequest} for anything else */
function drawn(text: string): number {
  const choices = text.split(',').map((choice) => {
    const [, status, weight = '1'] = /^([1-5]\d\d)(?::(\d{1,6}(?:\.\d{1,6})?))?$/.exec(choice.trim()) ?? []
    if (status === undefined) throw new BadRequest(`${JSON.stringify(choice)} is no status with a weight, such as 404 or 404:0.5`)
    return { status: Number(status), weight: Number(weight) }
  })
  let left = Math.random() * choices.reduce((sum, { weight }) => sum + weight, 0)
  return (choices.find(({ weight }) => (left -= weight) < 0) ?? choices[0])?.status ?? 400
}
