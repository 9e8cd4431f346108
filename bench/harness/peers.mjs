/**
 * The servers, as data: how each is started for the hello scenarios and for those with bodies. `node` in a command is
 * the Node under test; `needs` says what must be fetched or built first.
 */
import { join } from 'node:path'
import { buildPulsar, installPeers } from './install.mjs'
import { benchDirectory, rootDirectory, server } from './paths.mjs'
import { Trouble } from './trouble.mjs'

const bun = join(benchDirectory, 'node_modules', 'bun', 'bin', 'bun.exe')
const pulsar = join(rootDirectory, 'dist', 'cli', 'main.js')
const onPort = (program, file) => [program, server(file), '@PORT@']
/** In one process, without an arbiter, as every peer is. */
export const inOneProcess = ['-w', '0']
/** The command that serves one of `servers/`. */
export const pulsarCommand = (node, file) => [node, pulsar, ...inOneProcess, server(file), '-b', '127.0.0.1:@PORT@']
const byCommand = (file) => pulsarCommand('node', file)

export const peers = {
  raw: { title: 'raw net socket', hello: onPort('node', 'raw-net-hello'), bodies: onPort('node', 'raw-net-bodies') },
  onread: { title: 'onread socket, a constant', hello: onPort('node', 'onread-hello') },
  node: { title: 'node:http', hello: onPort('node', 'node-http-hello'), bodies: onPort('node', 'node-http-bodies') },
  fastify: {
    title: 'Fastify', needs: installPeers, hello: onPort('node', 'fastify-hello'), bodies: onPort('node', 'fastify-bodies'),
  },
  hono: { title: 'Hono', needs: installPeers, hello: onPort('node', 'hono-hello'), bodies: onPort('node', 'hono-bodies') },
  bun: { title: 'Bun.serve', needs: installPeers, hello: onPort(bun, 'bun-hello'), bodies: onPort(bun, 'bun-bodies') },
  pulsar: { title: 'Pulsar', needs: buildPulsar, hello: byCommand('pulsar-hello'), bodies: byCommand('pulsar-bodies') },
}

/** Checks the names, fetches what they need, and gives `{ name, title, hello, bodies }` with the Node under test filled in. */
export function preparePeers(names, node) {
  const unknown = names.filter((name) => !Object.hasOwn(peers, name))
  if (unknown.length > 0) throw new Trouble(`No such peer: ${unknown.join(', ')}. There are ${Object.keys(peers).join(', ')}.`)
  for (const need of new Set(names.map((name) => peers[name].needs))) need?.()
  const filled = (command) => command?.map((word) => (word === 'node' ? node : word))
  return names.map((name) => {
    const { title, hello, bodies } = peers[name]
    return { name, title, hello: filled(hello), bodies: filled(bodies) }
  })
}
