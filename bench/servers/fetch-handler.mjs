/** The same handler for both servers. */
import { hello } from './payloads.mjs'

export default { fetch: () => new Response(hello) }
