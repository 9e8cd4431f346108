import type { FieldLines } from './request-head.ts'

/**
 * All values of a field as one list, joined by a comma in the order received (RFC 9110 section 5.3); undefined where the
 * field is absent. A field that may stand only once is then malformed where it stands twice, which is what it should be.
 */
export function combinedValue(fields: FieldLines, name: string): string | undefined {
  const wanted = name.toLowerCase()
  let combined: string | undefined
  for (let i = 0; i < fields.length; i += 2) {
    const candidate = fields[i] as string
    if (candidate.length !== wanted.length || candidate.toLowerCase() !== wanted) continue
    const value = fields[i + 1] as string
    combined = combined === undefined ? value : `${combined}, ${value}`
  }
  return combined
}
