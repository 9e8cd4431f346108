/** What the process of a worker runs. */
import * as module from 'node:module'

// Node would end the process, or open a debugger's port; the arbiter decides instead. Before all else: they may come at any time.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTTIN', 'SIGTTOU', 'SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined)

/** Written soon, since a worker may be killed; late enough that nobody waits for it at the start. Milliseconds. */
const FLUSH = 250

// Node 22.8: what was compiled for an earlier worker is not compiled again. It says itself where it cannot.
const { enableCompileCache, flushCompileCache } = module as { enableCompileCache?: () => unknown, flushCompileCache?: () => void }
enableCompileCache?.()
setTimeout(() => flushCompileCache?.(), FLUSH).unref()

const [{ runWorker }, { ApplicationWorker }] =
  await Promise.all([import('../process/worker.ts'), import('./application-worker.ts')])
runWorker(new ApplicationWorker())
