/**
 * File descriptors that are left. Where none is, libuv accepts who waits and closes them at once, without a word to them or, by
 * Node, to us: whoever comes when few are left is therefore told so, and the few stay for files that applications open. The
 * system gives out the lowest number that is free, so that the number of a new connection tells how many are in use.
 */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/** `scarce`: enough to tell a client. `gone`: a client may hold none a moment longer. */
export type Descriptors = 'enough' | 'scarce' | 'gone'

/** Kept back of a limit: an eighth, within these. */
const LEAST = 8
const MOST = 64

interface WithHandle { readonly _handle: { readonly fd?: number } | null }

export class DescriptorLimit {
  /** Of the process; Infinity where there is none or the system does not say. */
  readonly limit: number
  private readonly scarce: number
  private readonly gone: number

  constructor(limit: number = openFiles()) {
    this.limit = limit
    const kept = Math.min(Math.max(Math.floor(limit / 8), LEAST), MOST)
    this.scarce = limit - kept
    this.gone = limit - Math.floor(kept / 2)
  }

  /** @param socket accepted just now */
  after(socket: Socket): Descriptors {
    return this.left((socket as unknown as WithHandle)._handle?.fd ?? -1)
  }

  /** @param number of the newest descriptor; negative where the system numbers none */
  left(number: number): Descriptors {
    return number < this.scarce ? 'enough' : number < this.gone ? 'scarce' : 'gone'
  }
}

/** The soft limit, which Node raises to the hard one when it starts. */
function openFiles(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return soft === undefined ? Infinity : Number(soft)
  } catch {
    // Linux alone has the file.
    return Infinity
  }
}
