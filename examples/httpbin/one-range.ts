/** The Range field, as far as it asks for one part (RFC 9110 section 14.1.2). */

/**
 * First and last byte. Undefined where all is to be sent: without the field, in another unit, for several parts.
 * @param size of all there is, in bytes
 */
export function oneRange(field: string | undefined, size: number): readonly [first: number, last: number] | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(?=\d|-\d)(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(field ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') return Number(last) === 0 ? 'unsatisfiable' : [Math.max(0, size - Number(last)), size - 1]
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= size) return 'unsatisfiable'
  return [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)]
}
