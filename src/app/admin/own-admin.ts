/** A server without workers runs its admin server itself: it is answered for as long as the event loop is free. */
import type { Address } from '../../config/address.ts'
import type { Config, Settings } from '../../config/settings.ts'
import type { WSGIApplication } from '../../gateway/wsgi.ts'
import { RunningServer, type ServingOptions } from '../running-server.ts'
import { version } from '../version.ts'
import { startAdminServer, type AdminServer } from './admin-server.ts'
import { observing } from './observing.ts'
import { OwnControl } from './own-control.ts'

/** Its listen() rejects, naming the address and with Node's `code`, where that of the admin server cannot be had. */
export function withAdminServer(
  callable: WSGIApplication, settings: Settings & { readonly admin: Address }, options: ServingOptions, sources: Config['sources'] | null,
): RunningServer {
  const server = new RunningServer(callable, settings, { ...options, observe: observing(callable) })
  const control = new OwnControl({
    server, settings, sources, version: version(), addresses: () => server.urls, stop: (grace) => server.stop(grace),
  })
  let admin: AdminServer | undefined
  server.firstly = async () => { admin = await startAdminServer({ settings, control, events: server.events, patient: false }) }
  server.lastly = async () => {
    control.close()
    await admin?.close()
  }
  return server
}
