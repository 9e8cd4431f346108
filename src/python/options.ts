/** How one Python application is run; what is not given is the server's setting of that name, or what its text says. */
export interface PythonOptions {
  /** The application's working directory, where its modules are looked for first; without it that of this process. */
  readonly cwd?: string
  /** The directory of a virtual environment. */
  readonly venv?: string
  /** A Python program; it counts more than `venv`. */
  readonly python?: string
  /** How many processes run it. */
  readonly workers?: number
  /** How many requests a process runs at a time. */
  readonly threads?: number
  /** Load it once, and fork the processes. */
  readonly preload?: boolean
  /** Directories that modules are looked for in. */
  readonly pythonPath?: readonly string[]
  /** Added to the environment of its processes. */
  readonly env?: Readonly<Record<string, string>>
}
