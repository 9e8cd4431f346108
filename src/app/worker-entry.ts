/** What the process of a worker runs. */
import * as module from 'node:module'

// Node 22.8: what was compiled for an earlier worker is not compiled again. It says itself where it cannot.
const { enableCompileCache } = module as { enableCompileCache?: () => unknown }
enableCompileCache?.()

const [{ runWorker }, { ApplicationWorker }] =
  await Promise.all([import('../process/worker.ts'), import('./application-worker.ts')])
runWorker(new ApplicationWorker())
