/** `node app-on-node-http.mjs NAME PORT`: one of the applications beside this file on node:http, as its own guide says. */
import { createServer } from 'node:http'

const [, , name, port] = process.argv
const { default: app } = await import(`./${name}.mjs`)
if (typeof app.ready === 'function') await app.listen({ port: Number(port), host: '127.0.0.1' })
else createServer(typeof app.callback === 'function' ? app.callback() : app).listen(Number(port), '127.0.0.1')
