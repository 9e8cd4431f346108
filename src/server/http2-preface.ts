/** The first bytes of an HTTP/2 client that knows of the protocol beforehand (RFC 9113 sections 3.3 and 3.4). */

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** Whether these bytes, the first of a connection, are the preface, could become it, or are something else. */
export function readPreface(bytes: Buffer): 'http2' | 'unclear' | 'other' {
  const length = Math.min(bytes.length, PREFACE.length)
  if (PREFACE.compare(bytes, 0, length, 0, length) !== 0) return 'other'
  return length === PREFACE.length ? 'http2' : 'unclear'
}
