/** Text in columns, for people. */

/** The first row is the heading; columns of numbers are flush right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  const right = widths.map((_, i) => rows.slice(1).every((row) => /^[-\d.]+( ?(ms|s|min|h|d|%|MiB|\/s))?$|^$/.test(row[i] ?? '')))
  return rows.map((row) => `${row.map((cell, i) => (right[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ').trimEnd()}\n`).join('')
}

/** Of seconds. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

export function megabytes(bytes: number): string {
  return bytes === 0 ? '' : `${Math.round(bytes / 1024 ** 2)} MiB`
}

/** Nothing that a client wrote may move the cursor. */
export function printable(text: string): string {
  return text.replaceAll(/[\0-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
