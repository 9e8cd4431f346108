/** `node bench/upload.mjs`: a file of 1 GiB in a multipart form, the most memory that the server takes for it, and for another. */
import { once } from 'node:events'
import { request } from 'node:http'
import { takeCores } from './harness/cores.mjs'
import { conclude, inTurn } from './harness/in-turn.mjs'
import { buildPulsar } from './harness/install.mjs'
import { describeMachine } from './harness/machine.mjs'
import { readOptions } from './harness/options.mjs'
import { pulsarCommand } from './harness/peers.mjs'
import { cpuSeconds, memoryKiB } from './harness/process-tree.mjs'
import { helloProbe } from './harness/scenarios.mjs'
import { settledMemory } from './harness/settled-memory.mjs'
import { runMain } from './harness/trouble.mjs'

const usage = 'node bench/upload.mjs [options]'
const MiB = 1_048_576
/** In MiB. */
const size = 1024
const piece = Buffer.alloc(MiB, 'y')
const head = Buffer.from('--x\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n')
const tail = Buffer.from('\r\n--x--\r\n')

/** How often the memory is read while a body is on its way, in milliseconds. */
const readings = 50

async function answerOf(asked) {
  const [response] = await once(asked, 'response')
  const pieces = []
  for await (const bytes of response) pieces.push(bytes)
  return `${response.statusCode} ${Buffer.concat(pieces)}`
}

/** Sends a form with a file of so many MiB. Gives the most memory that the server took meanwhile, and what it cost. */
async function upload({ port, pid }, count) {
  const length = head.length + count * MiB + tail.length
  const asked = request({
    port, host: '127.0.0.1', method: 'POST', path: '/upload', agent: false,
    headers: { 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': length },
  })
  const answered = answerOf(asked)
  // Awaited below, behind the body: until then nobody else looks whether it failed.
  answered.catch(() => undefined)
  let most = memoryKiB(pid)
  const watch = setInterval(() => { most = Math.max(most, memoryKiB(pid)) }, readings)
  const [before, from] = [cpuSeconds(pid), performance.now()]
  try {
    asked.write(head)
    for (let sent = 0; sent < count && !asked.destroyed; sent += 1) {
      if (!asked.write(piece)) await Promise.race([once(asked, 'drain'), answered])
    }
    asked.end(tail)
    const answer = await answered
    const right = `200 ${JSON.stringify({ size: count * MiB, onDisk: true })}`
    return {
      most: most / 1024, cpu: cpuSeconds(pid) - before, rate: count / ((performance.now() - from) / 1000),
      errors: answer === right ? '' : answer,
    }
  } finally {
    clearInterval(watch)
  }
}

async function work(server) {
  const rest = (await settledMemory(server.pid)) / 1024
  const small = await upload(server, 64)
  const large = await upload(server, size)
  const again = await upload(server, size)
  return {
    rest, small: small.most, large: large.most, again: again.most, cpu: large.cpu, rate: large.rate,
    errors: [small.errors, large.errors, again.errors].filter(Boolean).join('; '),
  }
}

const mebibytes = (value) => `${value.toFixed(1)} MiB`

async function main() {
  const options = readOptions(usage, { rounds: 3, secs: 1 })
  if (options === null) return 0
  buildPulsar()
  const machine = describeMachine(options.node, ['pulsar'])
  console.log(`${machine}\n${options.rounds} round${options.rounds === 1 ? '' : 's'}, medians.`)
  const peers = [{ name: 'pulsar', title: 'Pulsar, request.form()', upload: pulsarCommand(options.node, 'pulsar-upload') }]
  const rows = await inTurn({ peers, kind: 'upload', rounds: options.rounds, cores: takeCores(), probe: helloProbe, work })
  return conclude({
    name: 'upload',
    title: 'upload: one file in a multipart form, to disk; the most memory while it is on its way',
    machine,
    head: ['at rest', '64 MiB', '1 GiB', '1 GiB again', 'MiB/s', 'CPU s/GiB'],
    cells: ({ rest, small, large, again, rate, cpu }) => [...[rest, small, large, again].map(mebibytes), rate.toFixed(0), cpu.toFixed(2)],
    rows,
    asks: [
      { what: 'memory for 1 GiB, beyond that at rest', value: ({ rest, large }) => large - rest, show: mebibytes, must: size / 10 },
      { what: 'memory for another, of that for the first', value: ({ large, again }) => again / large, show: (value) => `${value.toFixed(2)}x`, must: 1.05 },
    ],
  })
}

await runMain(main)
