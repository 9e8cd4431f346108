/** What is going on, on one line of the terminal; nothing where the output is kept in a file. */
export function report(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

export function endReport() {
  report('')
}
