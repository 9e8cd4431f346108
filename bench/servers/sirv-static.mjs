/** As sirv is fastest: the files are looked up once, at the start, and never again. */
import { createServer } from 'node:http'
import sirv from 'sirv'
import { port } from './payloads.mjs'
import { directory } from './static-files.mjs'

createServer(sirv(directory, { dev: false, etag: true })).listen(port, '127.0.0.1')
