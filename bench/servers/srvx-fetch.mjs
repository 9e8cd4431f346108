import { serve } from 'srvx'
import handler from './fetch-handler.mjs'
import { port } from './payloads.mjs'

serve({ fetch: handler.fetch, port, hostname: '127.0.0.1', silent: true, node: { keepAliveTimeout: 75_000 } })
