import type { Environment } from './environment.ts'

export interface ProcessInput {
  /** The path of the script that Node runs. */
  readonly script: string
  readonly argv: readonly string[]
  readonly env: Environment
  readonly cwd: string
}

/** What this process was started with. The one reader of `process.argv` and `process.env`. */
export function processInput(): ProcessInput {
  return { script: process.argv[1] ?? '', argv: process.argv.slice(2), env: { ...process.env }, cwd: process.cwd() }
}
