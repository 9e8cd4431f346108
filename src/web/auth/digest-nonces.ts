/** The nonces of Digest: who made them, how old they are, and how often they were used (RFC 7616 sections 3.3 and 5.5). */
import { nodeCrypto } from '../../gateway/node-crypto.ts'

export interface DigestNoncesOptions {
  /** What nonces are signed with. Processes that serve the same clients need the same; default: random. */
  readonly secret?: string | Uint8Array
  /** Seconds for which a nonce is good; default 300. */
  readonly lifetime?: number
  /** How many nonces in use are remembered; default 10,000. When there are more, the oldest go out of use. */
  readonly remembered?: number
  /** Milliseconds since 1970; default: the system's clock. */
  readonly now?: () => number
}

/** `stale`: made here, but it cannot be used any more; the client may try again with another without asking anybody. */
export type NonceState = 'good' | 'stale' | 'foreign'

/** Requests on several connections come out of order: a count may be this much lower than the highest so far. */
const window = 32
const timeBytes = 6
const randomBytes = 12
const signatureBytes = 16
const unsignedBytes = timeBytes + randomBytes

interface Use {
  readonly made: number
  highest: number
  /** Bit n: the count `highest - n` was seen. */
  seen: number
}

/** Nonces carry the time they were made and a signature, so that only those in use take memory. */
export class DigestNonces {
  readonly #secret: string | Uint8Array
  readonly #lifetime: number
  readonly #remembered: number
  readonly #now: () => number
  readonly #uses = new Map<string, Use>()
  /** No nonce made up to then is good: what was forgotten must not be used from its first count again. */
  #forgottenUntil = 0

  constructor(options: DigestNoncesOptions = {}) {
    this.#secret = options.secret ?? nodeCrypto().randomBytes(32)
    this.#lifetime = (options.lifetime ?? 300) * 1000
    this.#remembered = options.remembered ?? 10_000
    this.#now = options.now ?? Date.now
  }

  make(): string {
    const nonce = Buffer.alloc(unsignedBytes)
    nonce.writeUIntBE(this.#now(), 0, timeBytes)
    nodeCrypto().randomFillSync(nonce, timeBytes)
    return Buffer.concat([nonce, this.#signature(nonce)]).toString('base64url')
  }

  state(nonce: string): NonceState {
    const bytes = Buffer.from(nonce, 'base64url')
    // Two texts of the same bytes would be two nonces, each with counts of its own.
    if (bytes.length !== unsignedBytes + signatureBytes || bytes.toString('base64url') !== nonce) return 'foreign'
    const unsigned = bytes.subarray(0, unsignedBytes)
    if (!nodeCrypto().timingSafeEqual(this.#signature(unsigned), bytes.subarray(unsignedBytes))) return 'foreign'
    const made = bytes.readUIntBE(0, timeBytes)
    return made > this.#forgottenUntil && this.#now() - made <= this.#lifetime ? 'good' : 'stale'
  }

  /**
   * Uses a good nonce. To be called for credentials that are right alone: what it keeps is paid with a password.
   * @param count how often the client has used it, this time included
   * @returns false where that count was used before, or may have been
   */
  use(nonce: string, count: number): boolean {
    const use = this.#uses.get(nonce)
    if (use === undefined) {
      this.#remember(nonce, count)
      return true
    }
    const ahead = count - use.highest
    if (ahead > 0) {
      use.seen = ahead >= window ? 1 : (use.seen << ahead) | 1
      use.highest = count
      return true
    }
    const bit = 1 << -ahead
    if (-ahead >= window || (use.seen & bit) !== 0) return false
    use.seen |= bit
    return true
  }

  #remember(nonce: string, count: number): void {
    const made = Buffer.from(nonce, 'base64url').readUIntBE(0, timeBytes)
    this.#uses.set(nonce, { made, highest: count, seen: 1 })
    for (const [oldest, use] of this.#uses) {
      const over = this.#now() - use.made > this.#lifetime
      if (!over && this.#uses.size <= this.#remembered) break
      this.#uses.delete(oldest)
      if (!over) this.#forgottenUntil = Math.max(this.#forgottenUntil, use.made)
    }
  }

  #signature(unsigned: Uint8Array): Buffer {
    return nodeCrypto().createHmac('sha256', this.#secret).update(unsigned).digest().subarray(0, signatureBytes)
  }
}

let processNonces: DigestNonces | undefined

/** The nonces of this process, where no others are named. */
export function defaultNonces(): DigestNonces {
  processNonces ??= new DigestNonces()
  return processNonces
}
