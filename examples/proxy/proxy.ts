/** The application: what is asked for, whether it is allowed, and who does it. */
import { HttpError, PermissionDenied, WsgiHandler, type Middleware } from 'pulsar-wsgi'
import { forward } from './forward.ts'
import type { ChangeFields } from './proxy-fields.ts'
import { tunnel } from './tunnel.ts'

export interface ProxyOptions {
  /** What is changed in requests that are passed on, one after the other. */
  readonly change?: readonly ChangeFields[]
  /** Whether a host may be asked. Default: every one. */
  readonly allows?: (host: string, port: number) => boolean
  /** Seconds that the other server may be silent. Default 20. */
  readonly patience?: number
}

export interface Upstream {
  /** Of one that is not there; the answer is 502 or 504. */
  readonly change: readonly ChangeFields[]
  /** Milliseconds. */
  readonly patience: number
}

export function proxy(options: ProxyOptions = {}): WsgiHandler {
  const { change = [], allows = () => true, patience = 20 } = options
  const upstream: Upstream = { change, patience: patience * 1000 }
  const check = ({ hostname, port, protocol }: URL): void => {
    if (!allows(hostname, port === '' ? protocol === 'https:' ? 443 : 80 : Number(port))) throw new PermissionDenied(`${hostname} is not for this proxy`)
  }
  const relay: Middleware = (environ, startResponse) => {
    const { REQUEST_METHOD: method, RAW_URI: target } = environ
    const url = method === 'CONNECT' ? tunnelUrl(target) : /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : null
    if (url === null) throw new HttpError(400, 'this is a proxy: ask for a whole URL')
    check(url)
    return method === 'CONNECT' ? tunnel(environ, url, upstream) : forward(environ, startResponse, { url, ...upstream })
  }
  return new WsgiHandler([relay])
}

/** RFC 9112 section 3.2.3: host and port, and nothing else. */
function tunnelUrl(target: string): URL | null {
  return /^[^/?#@]+:\d+$/.test(target) && URL.canParse(`tunnel://${target}`) ? new URL(`tunnel://${target}`) : null
}
