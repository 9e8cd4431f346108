/** The time of day as access logs write it, put together once a second, or once a millisecond. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

let commonSecond = 0
let common = ''
let isoSecond = 0
let iso = ''
let isoMoment = -1
let isoWhole = ''

/** Local time: `[10/Oct/2026:13:55:36 +0200]`. */
export function commonTime(now: number): string {
  const second = Math.floor(now / 1000)
  if (second === commonSecond) return common
  commonSecond = second
  const date = new Date(now)
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  const west = date.getTimezoneOffset()
  const zone = `${west > 0 ? '-' : '+'}${two(Math.floor(Math.abs(west) / 60))}${two(Math.abs(west) % 60)}`
  return common = `[${two(date.getDate())}/${MONTHS[date.getMonth()] as string}/${date.getFullYear()}:${clock} ${zone}]`
}

/** UTC, with milliseconds: `2026-10-10T11:55:36.123Z`. */
export function isoTime(now: number): string {
  if (now === isoMoment) return isoWhole
  const second = Math.floor(now / 1000)
  if (second !== isoSecond) {
    isoSecond = second
    iso = new Date(second * 1000).toISOString().slice(0, 20)
  }
  isoMoment = now
  return isoWhole = `${iso}${String(now - second * 1000).padStart(3, '0')}Z`
}

const two = (value: number): string => String(value).padStart(2, '0')
