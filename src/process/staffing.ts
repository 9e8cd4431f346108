/** Which workers to start and which to send away, so that as many serve as are wanted. Pure. */

export interface Staff {
  readonly state: 'starting' | 'loaded' | 'opening' | 'ready' | 'retiring'
  /** It asked to be replaced; it serves until it is. */
  readonly worn: boolean
}

export interface Staffing<W> {
  /** How many to start. */
  readonly missing: number
  /** Serve, and are to drain: the worn first, then the oldest. */
  readonly surplus: readonly W[]
  /** Have not served yet, and need not. */
  readonly needless: readonly W[]
}

/** @param workers in the order in which they were started */
export function staffing<W extends Staff>(workers: Iterable<W>, wanted: number): Staffing<W> {
  const active = [...workers].filter(({ state }) => state !== 'retiring')
  const fresh = active.filter(({ worn }) => !worn)
  const serving = active.filter(({ state }) => state === 'ready')
  const inTurn = [...serving.filter(({ worn }) => worn), ...serving.filter(({ worn }) => !worn)]
  const starting = fresh.filter(({ state }) => state !== 'ready')
  return {
    missing: Math.max(0, wanted - fresh.length),
    surplus: inTurn.slice(0, Math.max(0, serving.length - wanted)),
    needless: starting.slice(0, Math.max(0, fresh.length - wanted)),
  }
}
