/** A rule, or what was said of a router, that makes no sense: always the programmer's mistake, found when it is said. */
export class RuleError extends Error {
  override readonly name: string = 'RuleError'
}
