import type { Events } from '../../events.ts'
import { kindOf } from '../../gateway/own-gateway.ts'
import type { WSGIApplication } from '../../gateway/wsgi.ts'
import { ProcessObserver } from '../../observe/process-observer.ts'

/** What counts the requests of an application. */
export function observing(application: WSGIApplication): (events: Events) => ProcessObserver {
  const kind = kindOf(application)
  return (events) => new ProcessObserver(events, kind)
}
