import type { Environment } from './environment.ts'

export interface ProcessInput {
  /** The path of the script that Node runs. */
  readonly script: string
  readonly argv: readonly string[]
  readonly env: Environment
  readonly cwd: string
}

/** How this process was started: what it takes to start another like it. */
export interface ProcessStart {
  readonly program: string
  /** Node's own options, such as `--import tsx`. */
  readonly nodeOptions: readonly string[]
  readonly script: string
  readonly argv: readonly string[]
  readonly cwd: string
}

const startDirectory = process.cwd()

/** What this process was started with. The one reader of `process.argv` and `process.env`. */
export function processInput(): ProcessInput {
  return { script: process.argv[1] ?? '', argv: process.argv.slice(2), env: { ...process.env }, cwd: process.cwd() }
}

export function processStart(): ProcessStart {
  const { execPath, execArgv, argv } = process
  return { program: execPath, nodeOptions: [...execArgv], script: argv[1] ?? '', argv: argv.slice(2), cwd: startDirectory }
}

/** A worker sees the arguments of its arbiter: settings and applications read the same in both. */
export function assumeArguments(script: string, argv: readonly string[]): void {
  process.argv.splice(1, Infinity, script, ...argv)
}
