/** The time of day for what counts in seconds, such as `Date`: asked for with every answer, so the system is asked once a second. */

let known = 0

function forget(): void {
  known = 0
}

/** Milliseconds since 1970, of the present second: right to the second while the event loop is not blocked. */
export function secondsClock(): number {
  if (known !== 0) return known
  known = Date.now()
  setTimeout(forget, 1000 - known % 1000).unref()
  return known
}
