/** The file that says which process the server is. */
import { readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { withFile } from './file-failure.ts'

export class PidFile {
  private readonly path: string

  /** @param path absolute */
  constructor(path: string) {
    this.path = path
  }

  /** @throws where it names another server that runs. @param predecessor of whom this process takes over */
  check(predecessor: number | null): void {
    const holder = this.heldBy(predecessor)
    if (holder !== null) throw new Error(`the pid file ${this.path} is held: process ${holder} is running`)
  }

  /**
   * The process of another server that the file names; null where there is none, or the file is stale: of a process that is
   * gone, or whose number another program has by now.
   */
  private heldBy(predecessor: number | null): number | null {
    const pid = this.read()
    if (pid === null || pid === process.pid || pid === predecessor || !isAlive(pid)) return null
    return isNode(pid) ? pid : null
  }

  /** In one step: nobody reads half a number. @throws where it cannot be written */
  write(): void {
    const temporary = `${this.path}.${process.pid}`
    withFile('the pid file cannot be written', () => {
      writeFileSync(temporary, `${process.pid}\n`, { mode: 0o644 })
      renameSync(temporary, this.path)
    })
  }

  /** Removes it, unless it is another's by now. */
  remove(): void {
    if (this.read() !== process.pid) return
    try {
      unlinkSync(this.path)
    } catch {
      // In a directory that may not be written to any more; it is stale from now on, and known as such.
    }
  }

  private read(): number | null {
    try {
      const text = readFileSync(this.path, 'utf8').trim()
      return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null
    } catch {
      return null
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Where the system does not tell, a process that lives is taken for a server. */
function isNode(pid: number): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return /node|pulsar/.test(command)
  } catch {
    return true
  }
}
