import type { Address } from '../config/address.ts'
import type { SettingsParams } from '../config/settings.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { runQuietly, runScript, type AnyServer } from './command.ts'
import { exitStatus, failureText } from './failure.ts'
import { register } from './registration.ts'

export interface WSGIServerOptions extends SettingsParams {
  /**
   * True, the default: start() takes the script's command line, `PULSAR_*` variables and a config file, and behaves as a
   * command: it answers `--help`, handles signals, and says in one line what is wrong. False: the parameters alone count.
   */
  readonly loadConfig?: boolean
}

/**
 * A WSGI server: `new WSGIServer(hello).start()` is all that a script needs.
 */
export class WSGIServer {
  readonly callable: WSGIApplication
  private readonly loadConfig: boolean
  private readonly params: SettingsParams
  private running: AnyServer | undefined
  private starting: Promise<void> | undefined

  /** @throws {TypeError} for a callable that is none */
  constructor(callable: WSGIApplication, options: WSGIServerOptions = {}) {
    const { loadConfig = true, ...params } = options
    if (typeof callable !== 'function') throw new TypeError(`a WSGI application is a function (environ, startResponse), not ${typeof callable}`)
    this.callable = callable
    this.loadConfig = loadConfig
    this.params = params
  }

  /** Where it listens, with the ports that the system chose; empty while it does not. */
  get addresses(): readonly Address[] {
    return this.running?.addresses ?? []
  }

  /**
   * Resolves when the server accepts connections. In a module that the command loads it registers the application instead.
   * @throws {SettingsError} (a rejection) for a setting that cannot be used; an Error with Node's `code` for an address that cannot be had
   */
  start(): Promise<void> {
    if (this.starting !== undefined) return Promise.reject(new Error('the server was started already'))
    if (register({ callable: this.callable, params: this.params })) {
      this.starting = Promise.resolve()
    } else if (this.loadConfig) {
      this.starting = this.startAsCommand()
      // A script need not wait for it: the failure has been told, and the status set.
      this.starting.catch(() => undefined)
    } else {
      this.starting = this.startQuietly()
    }
    return this.starting
  }

  /**
   * Accepts no more connections, lets what runs end, and resolves when all is closed.
   * @param grace seconds after which the rest is cut; `gracefulTimeout` without it
   */
  async close(grace?: number): Promise<void> {
    await this.starting
    await this.running?.close(grace)
  }

  private async startQuietly(): Promise<void> {
    this.running = await runQuietly(this.callable, this.params)
  }

  private async startAsCommand(): Promise<void> {
    try {
      const outcome = await runScript(this.callable, this.params)
      if (outcome.kind === 'answer') {
        process.stdout.write(outcome.text, () => process.exit(0))
        return
      }
      this.running = outcome.server
    } catch (error) {
      process.exitCode = exitStatus(error)
      process.stderr.write(failureText(error))
      throw error
    }
  }
}
