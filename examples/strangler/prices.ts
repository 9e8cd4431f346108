/** The prices, which have moved here from Flask: a stream that stays open costs a connection here, and no Python thread. */
import { Router, WsgiResponse } from 'pulsar-wsgi'

/** In cents. */
export const prices: Readonly<Record<string, number>> = { tea: 350, coffee: 420, milk: 120 }

const CHANGE = 1000

async function* changes(): AsyncGenerator<string> {
  for (;;) {
    yield `data: ${JSON.stringify(prices)}\n\n`
    await new Promise((resolve) => setTimeout(resolve, CHANGE))
  }
}

export default new Router('', {
  get: (request) => request.urlData['stream'] === undefined
    ? WsgiResponse.json(prices)
    : new WsgiResponse({ content: changes(), contentType: 'text/event-stream', headers: { 'Cache-Control': 'no-store' } }),
})
