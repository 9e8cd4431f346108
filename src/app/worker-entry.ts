/** What the process of a worker runs. */
import { runWorker } from '../process/worker.ts'
import { ApplicationWorker } from './application-worker.ts'

runWorker(new ApplicationWorker())
