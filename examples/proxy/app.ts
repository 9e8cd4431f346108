/**
 * An HTTP proxy: requests with a whole URL are passed on, bodies streamed both ways, and CONNECT opens a tunnel.
 *
 *   npx pulsar examples/proxy/app.ts --server-software pulsar-proxy
 *
 * serves it on http://127.0.0.1:8060: `curl -x http://127.0.0.1:8060 http://example.com/`. It goes wherever it is asked to go:
 * give it a rule of your own before others than you can reach it.
 */
import { proxy } from './proxy.ts'
import { xForwardedFor } from './proxy-fields.ts'

export default proxy({ change: [xForwardedFor] })
