/** An application, served in this process: log, gateway and listeners put together. */
import type { Address } from '../config/address.ts'
import type { Settings } from '../config/settings.ts'
import { Events } from '../events.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { wsgiGateway } from '../gateway/wsgi-gateway.ts'
import { serverLog, type ServerLog } from '../observe/server-log.ts'
import { HttpServer } from '../server/http-server.ts'

export class RunningServer {
  readonly events: Events = new Events()
  readonly log: ServerLog

  private readonly server: HttpServer
  private readonly settings: Settings
  private closing: Promise<void> | undefined

  /** @throws where the log cannot be written */
  constructor(callable: WSGIApplication, settings: Settings) {
    this.settings = settings
    this.log = serverLog(settings, this.events)
    this.server = new HttpServer(wsgiGateway(callable, { settings, events: this.events, multiprocess: false }), settings, this.events)
  }

  get addresses(): readonly Address[] {
    return this.server.addresses
  }

  listen(): Promise<void> {
    return this.server.listen()
  }

  /** @param grace seconds that what runs may take; the setting without it */
  close(grace: number = this.settings.gracefulTimeout): Promise<void> {
    return this.closing ??= this.server.close(grace)
  }

  /** TERM ends what runs, INT and QUIT do not wait for it; then the process exits with status 0. */
  handleSignals(): void {
    const stop = (grace: number | undefined) => (): void => {
      void this.server.close(grace ?? this.settings.gracefulTimeout).then(() => process.exit(0))
    }
    process.once('SIGTERM', stop(undefined))
    process.once('SIGINT', stop(0))
    process.once('SIGQUIT', stop(0))
  }
}
