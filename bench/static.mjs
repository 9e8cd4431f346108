/** `node bench/static.mjs`: files of 1 KiB, of 1 MiB, and of 8 MiB, which are streamed, by MediaRouter and by sirv on node:http. */
import { server } from './harness/paths.mjs'
import { pulsarCommand } from './harness/peers.mjs'
import { runMain } from './harness/trouble.mjs'
import { compareTwo } from './harness/two-peers.mjs'
import { long, makeFiles, short, streamed } from './servers/static-files.mjs'

const usage = 'node bench/static.mjs [options]'

const scenarioOf = (name, file, connections, must) => ({
  name,
  title: `${name}: GET of a file of ${file.content.length} bytes, ${connections} kept-alive connections`,
  kind: 'static',
  load: { connections, path: file.path },
  probe: { method: 'GET', path: file.path, answer: file.content },
  asks: [{ measure: 'rps', of: 'sirv', must }],
})
const scenarios = [scenarioOf('static-short', short, 64, 1.5), scenarioOf('static-long', long, 16, 1), scenarioOf('static-streamed', streamed, 16, 1)]

function peersOf({ node }) {
  return [
    {
      name: 'pulsar', title: 'Pulsar, MediaRouter',
      static: pulsarCommand(node, 'pulsar-static'),
    },
    { name: 'sirv', title: 'sirv on node:http', static: [node, server('sirv-static'), '@PORT@'] },
  ]
}

await runMain(() => compareTwo({ usage, scenarios, peersOf, prepare: makeFiles }))
