/** What the process of a worker runs. */
import * as module from 'node:module'

/** Written soon, since a worker may be killed; late enough that nobody waits for it at the start. Milliseconds. */
const FLUSH = 250

// Node 22.8: what was compiled for an earlier worker is not compiled again. It says itself where it cannot.
const { enableCompileCache, flushCompileCache } = module as { enableCompileCache?: () => unknown, flushCompileCache?: () => void }
enableCompileCache?.()
setTimeout(() => flushCompileCache?.(), FLUSH).unref()

const [{ runWorker }, { ApplicationWorker }] =
  await Promise.all([import('../process/worker.ts'), import('./application-worker.ts')])
runWorker(new ApplicationWorker())
