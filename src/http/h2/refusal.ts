/** What a client of HTTP/2 is told whose connection is one too many: frames that need no state of a session. */

/** GOAWAY's code for it: NO_ERROR would have clients come back at once (RFC 9113 section 7). */
const ENHANCE_YOUR_CALM = 0xb

/**
 * SETTINGS, with which a server must begin (RFC 9113 section 3.4), and GOAWAY: no stream was or will be served, so that each
 * request may be sent again elsewhere (section 6.8).
 * @param reason for people who read frames; ASCII
 */
export function refusal(reason: string): Uint8Array {
  const settings = [0, 0, 0, 4, 0, 0, 0, 0, 0]
  const goaway = [0, 0, 8 + reason.length, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ENHANCE_YOUR_CALM]
  return Uint8Array.from([...settings, ...goaway, ...Array.from(reason, (character) => character.charCodeAt(0))])
}
