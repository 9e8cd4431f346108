/** Reports to systemd, by its own program: sd_notify(3) needs a datagram socket, which Node has none of in the unix family. */
import { spawn } from 'node:child_process'

export type Report = 'ready' | 'reloading' | 'stopping'

/** Reports are sent in order; one that fails is told to `failed`. */
export class Notifier {
  private readonly failed: (text: string) => void
  private last: Promise<void> = Promise.resolve()

  constructor(failed: (text: string) => void) {
    this.failed = failed
  }

  send(report: Report): void {
    this.last = this.last.then(() => this.run(argumentsOf(report)))
  }

  /** Resolves when all is sent. */
  sent(): Promise<void> {
    return this.last
  }

  private run(args: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const child = spawn('systemd-notify', args, { stdio: 'ignore' })
      const done = (problem: string | null): void => {
        if (problem !== null) this.failed(`systemd-notify ${args.join(' ')}: ${problem}`)
        resolve()
      }
      child.once('error', (error) => done(error.message))
      child.once('exit', (code) => done(code === 0 ? null : `exit code ${code}`))
    })
  }
}

function argumentsOf(report: Report): readonly string[] {
  // The process is named each time: after a change of arbiters it is another, and a helper program is none.
  const main = `--pid=${process.pid}`
  switch (report) {
    case 'ready': return ['--ready', main]
    case 'reloading': return ['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, main]
    case 'stopping': return ['STOPPING=1', main]
  }
}
