/** What cannot be done with a file, in words that say what it is for: the system's name its path alone. */

/** @throws {Error} what `act` throws, behind `failure`, such as `the log file cannot be opened` */
export function withFile<T>(failure: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new Error(`${failure}: ${(error as Error).message}`, { cause: error })
  }
}
