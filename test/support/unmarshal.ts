/** Reads Python's `marshal` format, all codes that the wire's frames may have: for tests that look at what was sent. */

export function unmarshal(bytes: Buffer): unknown {
  let at = 0
  const u32 = (): number => {
    at += 4
    return bytes.readUInt32LE(at - 4)
  }
  const i32 = (): number => u32() | 0
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('ends too early')
    at += length
    return bytes.subarray(at - length, at)
  }
  const items = (length: number): unknown[] => Array.from({ length }, () => value())
  const long = (size: number): number => {
    let result = 0
    for (let i = 0; i < Math.abs(size); i++) result += take(2).readUInt16LE(0) * 32768 ** i
    return size < 0 ? -result : result
  }
  const value = (): unknown => {
    const code = String.fromCharCode(take(1)[0] as number)
    switch (code) {
      case 'N': return null
      case 'T': return true
      case 'F': return false
      case 'i': return i32()
      case 'l': return long(i32())
      case 'g': return take(8).readDoubleLE(0)
      case 's': return new Uint8Array(take(u32()))
      case 'u': return take(u32()).toString('utf8')
      case 'a': return take(u32()).toString('ascii')
      case 'z': return take(take(1)[0] as number).toString('ascii')
      case '(': case '[': return items(u32())
      case ')': return items(take(1)[0] as number)
      case '{': return dict()
      default: throw new Error(`no code ${JSON.stringify(code)} at ${at - 1}`)
    }
  }
  const dict = (): Record<string, unknown> => {
    const entries: [string, unknown][] = []
    while (bytes[at] !== 0x30) entries.push([value() as string, value()])
    at++
    return Object.fromEntries(entries)
  }
  const result = value()
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes behind the value`)
  return result
}
