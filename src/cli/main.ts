#!/usr/bin/env node
/** The command: prints and exits, nothing else. */
import { runCommand } from '../app/command.ts'
import { exitStatus, failureText } from '../app/failure.ts'
import { processInput } from '../config/process-input.ts'

try {
  const [first, ...rest] = processInput().argv
  if (first === 'ctl') {
    const { ctl } = await import('./ctl/main.ts')
    process.stdout.write(await ctl(rest))
  } else {
    const outcome = await runCommand()
    if (outcome.kind === 'answer') process.stdout.write(outcome.text)
  }
} catch (error) {
  process.stderr.write(failureText(error))
  process.exit(exitStatus(error))
}
