/** `docs/errors.md`, out of the table of causes. */
import { causes, type Cause } from './causes.ts'
import { statusLine } from './statuses.ts'

const intro = `# Errors

Pulsar itself refuses, times out or cuts for the causes below, and for no others. Each has one name, which never changes
its meaning: logs and metrics can be searched for it. An application's own answers are not among them, whatever their status.
This page is made from the table in \`src/http/causes.ts\`.

## What the client sees

The status in the table, and a body that says the same in words: \`Bad Request\` and a line end, or the same as a small page
of HTML where \`Accept\` prefers it to plain text. Neither the cause nor anything of the application is in it; only with
\`--debug\` does a failed application's page show the error, its stack and the environ, with credentials masked.

After an answer to a fault of the client's the connection is closed (\`Connection: close\`), since nobody can be sure where its
next request would begin. It is closed lingering: the answer is sent, then the sending side is ended, and what still arrives is
read and dropped for a while before the socket goes. A socket closed at once would be reset, and a client that is still sending
would never read why it was refused. A failed application costs the client its answer, not the connection.

Where the answer has begun already there is no way left to say anything: the connection is cut, so that the client sees that
the body is not complete.

## What the log has

One line for each, at level \`warning\` where the client is at fault and \`error\` where the application or the server is;
\`client-gone\` is everyday business and \`debug\`. Its fields are the cause, the status if one was sent, the peer's address and port,
and method and path as far as they were read; its message is the detail: what exactly was seen. As JSON:

\`\`\`json
{"level":"warning","time":"2026-01-10T12:00:00.000Z","pid":4711,"cause":"body-too-long","status":413,\
"peer":"192.0.2.7:50312","method":"POST","path":"/upload","msg":"Content-Length 5000000, the limit is 1048576"}
\`\`\`

A failed application is logged when it throws: the message is the error, \`stack\` has its stack and those of its causes, and peer,
method and path are there too. Control characters of a client's are escaped, so that nobody can forge a line.
`

const cut = `## Cut

There is nobody, or no way left, to answer: the connection is closed without one, or in the middle of one.
`

type Row = readonly [name: string, cause: Cause]

/** The whole page, in Markdown: causes grouped by status, in the table's order; those that are a cut at the end. */
export function errorsPage(): string {
  const groups = new Map<number, Row[]>()
  for (const row of Object.entries<Cause>(causes)) {
    const group = groups.get(row[1].status)
    if (group === undefined) groups.set(row[1].status, [row])
    else group.push(row)
  }
  const answered = [...groups].filter(([status]) => status !== 0).sort(([a], [b]) => a - b)
  const sections = answered.map(([status, rows]) => `## ${statusLine(status)}\n\n${table(rows)}`)
  return [intro, ...sections, `${cut}\n${table(groups.get(0) ?? [])}`].join('\n')
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(([name, { fault, text }]) => `| \`${name}\` | ${fault} | ${text.replaceAll('|', '\\|')} |\n`)
  return `| cause | at fault | what happened |\n| --- | --- | --- |\n${lines.join('')}`
}
