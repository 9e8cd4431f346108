/** A router of Pulsar's with so many routes, as an application. */
import { Router } from '../../dist/index.js'
import { routes, thing } from './routes.mjs'

export function router(count) {
  const made = new Router('/')
  for (const segments of routes(count)) {
    const rule = segments.map((segment) => (segment.startsWith(':') ? `<int:${segment.slice(1)}>` : segment)).join('/')
    made.get(rule, (request, { id = 0 }) => thing(id))
  }
  return made
}
