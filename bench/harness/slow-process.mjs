/** Slow clients in a process of their own, one of the scripts beside this. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { benchDirectory } from './paths.mjs'

/** @returns what it said first, a report on demand, and the end */
export async function startSlowClients(script, port, clients) {
  const child = fork(join(benchDirectory, 'harness', script), [String(port), String(clients)])
  const exit = once(child, 'exit')
  const told = () => Promise.race([
    once(child, 'message').then(([message]) => message),
    exit.then(([status]) => { throw new Error(`the slow clients ended with status ${status}`) }),
  ])
  const first = await told()
  return {
    first,
    report: () => {
      child.send('report')
      return told()
    },
    stop: async () => {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}
