/** Tells workers to accept or not, so that none is far ahead: for a moment by itself, for longer by order. */
import { balance } from './balance.ts'
import type { SharedSocket, WorkerHandle } from './worker-handle.ts'

/** A worker that was not heard of for longer may be busy: no other waits for it. Milliseconds. */
const FRESH = 1500

export function balanceWorkers(serving: readonly WorkerHandle[], sockets: readonly SharedSocket[], now: number): void {
  const facts = new Map(serving.map((worker) => {
    const { connections, paused, lastAlive } = worker
    return [worker, { connections, paused, fresh: now - lastAlive < FRESH }]
  }))
  for (const [worker, own] of facts) {
    const advice = balance(own, [...facts].filter(([other]) => other !== worker).map(([, fact]) => fact))
    if (advice === 'pause') worker.pause()
    else if (advice === 'resume') worker.open(sockets)
    own.paused = worker.paused
  }
  for (const worker of serving) {
    const others = serving.filter((other) => other !== worker).map(({ connections }) => connections)
    worker.send({ type: 'others', connections: others.length === 0 ? null : Math.min(...others) })
  }
}
