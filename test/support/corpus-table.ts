/** The files of test/corpus/ with their cases, as docs/conformance.md shows them. */
import { requestCases } from './request-cases.ts'

/** Text of a Markdown table. */
export function corpusTable(): string {
  const rows = new Map<string, { read: number; refused: number }>()
  for (const { file, outcome } of requestCases()) {
    const row = rows.get(file) ?? { read: 0, refused: 0 }
    row[typeof outcome === 'string' ? 'read' : 'refused']++
    rows.set(file, row)
  }
  const all = [...rows.values()].reduce((sum, { read, refused }) => ({ read: sum.read + read, refused: sum.refused + refused }), {
    read: 0,
    refused: 0,
  })
  const line = (name: string, { read, refused }: { read: number; refused: number }): string =>
    `| ${name} | ${read + refused} | ${read} | ${refused} |`
  return [
    '| File | Cases | Read | Refused |',
    '| --- | --- | --- | --- |',
    ...[...rows].map(([file, row]) => line(`\`${file}\``, row)),
    line('all', all),
  ].join('\n')
}
