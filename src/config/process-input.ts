import type { Environment } from './environment.ts'

/** What this process was started with. The one reader of `process.argv` and `process.env`. */
export function processInput(): { readonly argv: readonly string[], readonly env: Environment, readonly cwd: string } {
  return { argv: process.argv.slice(2), env: { ...process.env }, cwd: process.cwd() }
}
