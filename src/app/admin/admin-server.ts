/** The admin server: our own HTTP/1.1 on a listener of its own, in the process that does not serve the application. */
import { setTimeout as wait } from 'node:timers/promises'
import { formatAddress, type Address } from '../../config/address.ts'
import { settingsFrom } from '../../config/settings-from.ts'
import type { Settings } from '../../config/settings.ts'
import { Events } from '../../events.ts'
import type { Control } from '../../observe/admin/control.ts'
import { PageFiles } from '../../observe/admin/page-files.ts'
import { adminGateway } from '../../observe/admin/routes.ts'
import { HttpServer, urlOf } from '../../server/http-server.ts'
import { LiveFeed } from './live-feed.ts'

export interface AdminServer {
  readonly address: Address
  close(): Promise<void>
}

export interface AdminServerOptions {
  readonly settings: Settings & { readonly admin: Address }
  readonly control: Control
  /** Those of the server's log. */
  readonly events: Events
  /** The arbiter before may still have the address: try until it has gone. */
  readonly patient: boolean
}

/** Between two tries, and how long, in milliseconds. */
const AGAIN = 250
const PATIENCE = 600_000
const GRACE = 1

/** @throws {Error} naming the address, with Node's `code`, where it cannot be had */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { settings: { admin, adminToken }, control, events } = options
  const settings = settingsFrom({ bind: formatAddress(admin), maxConnections: 256, limitRequestBody: '64k', keepAlive: 75 })
  const own = ownEvents(events)
  const feed = new LiveFeed(control)
  const gateway = adminGateway({
    control, files: new PageFiles(), live: feed.gateway(settings, own), rules: { token: adminToken, local: admin.kind === 'unix' },
    failed: (error) => events.publish('warning', { text: 'the admin server failed', error }),
  })
  const server = new HttpServer(gateway, settings, own)
  const patience = options.patient ? PATIENCE : 0
  await listen(server, patience)
  const [address = admin] = server.addresses
  events.publish('notice', { text: `admin server on ${urlOf(address)}` })
  return {
    address,
    close: async () => {
      feed.close()
      await server.close({ grace: GRACE })
    },
  }
}

async function listen(server: HttpServer, patience: number): Promise<void> {
  const end = performance.now() + patience
  for (;;) {
    try {
      return await server.listen()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() > end) throw error
    }
    await wait(AGAIN)
  }
}

/** Of what happens here the log of the server gets what an operator should see; its requests are not the application's. */
function ownEvents(events: Events): Events {
  const own = new Events()
  own.subscribe('warning', ({ text, error }) => events.publish('warning', { text: `admin server: ${text}`, error }))
  own.subscribe('applicationError', ({ error }) => events.publish('warning', { text: 'the admin server failed', error }))
  own.subscribe('errorsWritten', ({ text }) => events.publish('warning', { text: `admin server: ${text.trimEnd()}` }))
  return own
}
