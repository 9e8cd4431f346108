/** What the validator throws, and where its rules are written. */

/** Who broke the rule: the application with the middleware around it, or the server with what stands before the validator. */
export type ContractSide = 'application' | 'server'

/** The texts that the rules come from. */
export const source = {
  details: 'PEP 3333, "Specification Details"',
  environ: 'PEP 3333, "environ Variables"',
  streams: 'PEP 3333, "Input and Error Streams"',
  startResponse: 'PEP 3333, "The start_response() Callable"',
  contentLength: 'PEP 3333, "Handling the Content-Length Header"',
  streaming: 'PEP 3333, "Buffering and Streaming"',
  write: 'PEP 3333, "The write() Callable"',
  unicode: 'PEP 3333, "Unicode Issues"',
  errors: 'PEP 3333, "Error Handling"',
  otherFeatures: 'PEP 3333, "Other HTTP Features"',
  mapping: 'docs/wsgi-for-typescript.md',
} as const

export type RuleSource = (typeof source)[keyof typeof source] | `RFC ${string}`

/**
 * A broken rule of the contract. A TypeError, as what the server's own `startResponse` throws is, so that the same
 * application behaves alike with the validator and without.
 */
export class WSGIContractError extends TypeError {
  override readonly name = 'WSGIContractError'
  readonly side: ContractSide
  readonly source: RuleSource

  constructor(side: ContractSide, rule: string, from: RuleSource) {
    super(`${rule} (broken by the ${side}; ${from})`)
    this.side = side
    this.source = from
  }
}

/** The value in a message: its type, and a string in quotes, shortened. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' ? `an object of ${value.constructor?.name || 'no class'}` : typeof value
}

const beyondLatin1 = /[^\x00-\xff]/

/** True for a native string of PEP 3333: each character stands for a byte. */
export function isNative(value: unknown): value is string {
  return typeof value === 'string' && !beyondLatin1.test(value)
}
