/** Asks the application, before a socket is opened, whether it can serve. */
import type { Settings } from '../config/settings.ts'
import { HttpServerResponse } from '../gateway/http-server-response.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { TargetError } from './load-target.ts'

/**
 * A GET of `path`, parsed and answered as one from a client would be.
 * @throws {TargetError} where the answer is not 2xx, or none comes within `timeout`
 */
export async function checkReady(callable: WSGIApplication, settings: Settings, path: string): Promise<void> {
  const limit = settings.timeout * 1000
  const status = await new Promise<string>((resolve, reject) => {
    const tooLate = new TargetError(`${path} was not answered within ${settings.timeout} s`)
    const late = limit === 0 ? undefined : setTimeout(() => reject(tooLate), limit)
    const response = new HttpServerResponse(callable, settings)
    response.events.subscribe('applicationError', ({ error }) => {
      reject(new TargetError(`${path} failed: ${String(error)}`, { cause: error }))
    })
    response.connectionMade({
      write: (data) => {
        clearTimeout(late)
        resolve(data.toString('latin1').split('\r\n', 1)[0] as string)
      },
      close: () => clearTimeout(late),
    })
    const fields = 'Host: localhost\r\nUser-Agent: pulsar-ready\r\nConnection: close\r\n'
    response.dataReceived(Buffer.from(`GET ${path} HTTP/1.1\r\n${fields}\r\n`))
  })
  if (/^HTTP\/1\.1 2\d\d /.test(status)) return
  throw new TargetError(`${path} answered ${status.slice(9)}, not 2xx: the application is not ready`)
}
