/** Node's own HTTP/2, loaded when it is first needed: it costs a tenth of the time that a server takes to start. */
export const nodeHttp2 = (): typeof import('node:http2') => process.getBuiltinModule('node:http2')

/** Error codes and flags (RFC 9113 sections 6 and 7). */
export const NO_ERROR = 0x0
export const INTERNAL_ERROR = 0x2
export const CANCEL = 0x8
export const ENHANCE_YOUR_CALM = 0xb
export const END_STREAM = 0x1
