/** Fields of an answer beside those of the one before: an application that answers alike again and again is not made to pay for it. */

export type FieldPairs = readonly (readonly [name: string, value: string])[]

/** Names and values in turn, to be compared with later: the application's own arrays may have changed by then. */
export function flat(fields: FieldPairs): readonly string[] {
  const list: string[] = []
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as readonly [string, string]
    list.push(field[0], field[1])
  }
  return list
}

/**
 * @param before as flat() gave it
 * @param except which field may have another value
 */
export function isSame(before: readonly string[], fields: FieldPairs, except: number = -1): boolean {
  if (before.length !== 2 * fields.length) return false
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as readonly [string, string]
    if (field[0] !== before[2 * i] || (field[1] !== before[2 * i + 1] && i !== except)) return false
  }
  return true
}
