import { signalNames, signals } from './signals.ts'

const introduction = `# Signals

<!-- Generated from the table in src/process/signals.ts by \`npm run docs\`: change it there. -->

Send them to the arbiter: the process that \`--pid FILE\` names, the main process for systemd, process 1 in a container. A
handler only notes that a signal came; the arbiter's loop acts on them one after the other.

A signal to the whole process group, as Ctrl-C on a terminal sends it, does no more than one to the arbiter.

They are heard before the log says \`serving on\`, or \`admin server on\`: none that comes behind is lost. Earlier, while settings are
read and with \`--workers 0\` the application is loaded, the system has its way, which for most of them ends the process.
`

const end = `
A second, quicker signal counts: SIGINT during a graceful stop cuts what still runs. Further reloads that are asked for during
a reload are one, which follows it. A worker that is killed by SIGKILL, or dies otherwise, is replaced at once. When the arbiter
itself is killed its workers finish what they have, for up to \`gracefulTimeout\`, and exit.
`

/** The text of `docs/signals.md`. */
export function signalsPage(): string {
  const rows = signalNames.map((name) => {
    const { arbiter, worker, alone } = signals[name]
    return `| \`${name.slice(3)}\` | ${arbiter} | ${worker} | ${alone} |\n`
  })
  return `${introduction}
| signal | the arbiter | a worker that gets it itself | a server without arbiter (\`--workers 0\`) |
| --- | --- | --- | --- |
${rows.join('')}${end}`
}
