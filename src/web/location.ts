const NOT_IN_A_URI = /[^\x21-\x7e]+/gu

/** @throws {TypeError} for a control character: whoever wrote it meant to end a line, or to fool a URL parser */
export function refuseControls(location: string): void {
  if (!/[\0-\x1f\x7f]/.test(location)) return
  throw new TypeError(`the location ${JSON.stringify(location.slice(0, 80))} has a control character`)
}

/**
 * A URI reference as the `Location` field takes it (RFC 9110 section 10.2.2): what a URI cannot have in escapes of UTF-8.
 * @throws {TypeError} for a control character
 */
export function encodedLocation(location: string): string {
  refuseControls(location)
  return location.replace(NOT_IN_A_URI, (text) => Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&'))
}
