import { StepFailed } from '../../scripts/ensure.mjs'

/** What the user can mend: one line, without a stack, exit status 2. */
export class Trouble extends Error {}

/** Runs a script's main function; a Trouble, or a failed build, is told; any other error is a defect and keeps its stack. */
export async function runMain(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof Trouble || error instanceof StepFailed)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
