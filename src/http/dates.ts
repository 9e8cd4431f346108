/** HTTP-date (RFC 9110 section 5.6.7). Milliseconds since 1970 here, whole seconds on the wire. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const month = months.join('|')
const day = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun'
const dayLong = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday'
const time = '(?<h>\\d\\d):(?<i>\\d\\d):(?<s>\\d\\d)'

/** IMF-fixdate = day-name "," SP date1 SP time-of-day SP GMT: the only form that is sent. */
const fixdate = new RegExp(`^(?:${day}), (?<d>\\d\\d) (?<m>${month}) (?<y>\\d{4}) ${time} GMT$`)
/** rfc850-date = day-name-l "," SP date2 SP time-of-day SP GMT */
const rfc850 = new RegExp(`^(?:${dayLong}), (?<d>\\d\\d)-(?<m>${month})-(?<y>\\d\\d) ${time} GMT$`)
/** asctime-date = day-name SP date3 SP time-of-day SP year */
const asctime = new RegExp(`^(?:${day}) (?<m>${month}) (?<d>\\d\\d| \\d) ${time} (?<y>\\d{4})$`)

/**
 * The date as an IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`; parts of a second are cut off.
 * @param ms milliseconds since 1970, in the years 0 to 9999
 * @throws {RangeError} for any other
 */
export function formatHttpDate(ms: number): string {
  const date = new Date(ms)
  const year = date.getUTCFullYear()
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`no HTTP-date can say ${ms}`)
  return date.toUTCString()
}

/**
 * Reads any of the three forms of HTTP-date, to the letter; the day of the week has to be one, but is not held against the date.
 * @param now milliseconds since 1970: a two-digit year is the one nearest to it that is not more than 50 years ahead;
 *   without it, one of 1970 to 2069
 * @returns milliseconds since 1970; undefined where the text is not a date, or no day of the calendar
 */
export function parseHttpDate(text: string, now?: number): number | undefined {
  const parts = (fixdate.exec(text) ?? rfc850.exec(text) ?? asctime.exec(text))?.groups
  if (parts === undefined) return undefined
  const { y = '', m = '', d = '', h = '', i = '', s = '' } = parts
  const ofYear = (year: number): number | undefined =>
    instant(year, months.indexOf(m as (typeof months)[number]), Number(d), Number(h), Number(i), Number(s))
  return y.length === 4 ? ofYear(Number(y)) : inCentury(Number(y), ofYear, now)
}

/** RFC 9110 section 5.6.7: more than 50 years in the future is the past. The instant is compared, not only the year. */
function inCentury(twoDigits: number, ofYear: (year: number) => number | undefined, now: number | undefined): number | undefined {
  if (now === undefined) return ofYear(twoDigits < 70 ? 2000 + twoDigits : 1900 + twoDigits)
  const limit = new Date(now)
  limit.setUTCFullYear(limit.getUTCFullYear() + 50)
  const latest = limit.getUTCFullYear()
  const year = latest - ((((latest - twoDigits) % 100) + 100) % 100)
  const date = ofYear(year)
  return date !== undefined && date <= limit.getTime() ? date : ofYear(year - 100)
}

function instant(year: number, monthIndex: number, d: number, h: number, i: number, s: number): number | undefined {
  // A leap second is 23:59:60 and counts as the first of the next day, as in POSIX.
  if (h > 23 || i > 59 || s > (h === 23 && i === 59 ? 60 : 59)) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, monthIndex, d)
  if (date.getUTCMonth() !== monthIndex || date.getUTCDate() !== d) return undefined
  return date.setUTCHours(h, i, s)
}
