/** The time as `Date` has it (RFC 9110 section 5.6.7), made anew only when a second has passed. */
export class DateClock {
  private readonly now: () => number
  private readonly before: string
  private readonly after: string
  private second = -1
  private text = ''

  /**
   * @param now milliseconds since the epoch
   * @param before text around the time
   */
  constructor(now: () => number, before: string = '', after: string = '') {
    this.now = now
    this.before = before
    this.after = after
  }

  read(): string {
    const now = this.now()
    const second = Math.floor(now / 1000)
    if (second !== this.second) {
      this.second = second
      this.text = `${this.before}${new Date(now).toUTCString()}${this.after}`
    }
    return this.text
  }
}
