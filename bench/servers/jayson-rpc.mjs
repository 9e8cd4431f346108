/** As jayson's documentation has it: its own server on node:http. */
import jayson from 'jayson'
import { port } from './payloads.mjs'

jayson.server({ add: ([a, b], callback) => callback(null, a + b) }).http().listen(port, '127.0.0.1')
