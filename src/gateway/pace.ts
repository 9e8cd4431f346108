/** The longest that a body which is always ready may keep others waiting, in milliseconds. */
const SLICE = 20
const BLOCKS_PER_LOOK = 16

/** Says when a body that is always ready has kept the others waiting long enough. */
export class Pace {
  private since = performance.now()
  private blocks = 0

  due(): boolean {
    return ++this.blocks % BLOCKS_PER_LOOK === 0 && performance.now() - this.since > SLICE
  }

  restart(): true {
    this.since = performance.now()
    return true
  }
}
