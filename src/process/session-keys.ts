/** Keys that all workers have in common: what one of them gave a client to come back with is good at every other. */

/** OpenSSL's: a name, and one key each to seal and to encrypt. */
const LENGTH = 48
/** Whoever gets at the keys can read what was recorded while they were in use; milliseconds. */
const KEPT = 12 * 3600 * 1000

export class SessionKeys {
  private keys: Buffer | undefined
  private since: number

  /** @param now by a clock that never goes back, in milliseconds */
  constructor(now: number) {
    this.since = now
  }

  get current(): Buffer {
    // Loaded with the first keys: most servers need none.
    return this.keys ??= process.getBuiltinModule('node:crypto').randomBytes(LENGTH)
  }

  /** True where new ones were made: those before have served their time. */
  renew(now: number): boolean {
    if (now - this.since < KEPT) return false
    this.keys = undefined
    this.since = now
    return true
  }
}
