/** Status codes and their reasons: RFC 9110 section 15 and IANA's "HTTP Status Code Registry". */

/**
 * The registered codes. 306 and 418 are reserved there without a meaning, 104 is only registered for a time: they are left
 * out.
 */
export const statuses = {
  100: 'Continue',
  101: 'Switching Protocols',
  102: 'Processing',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  207: 'Multi-Status',
  208: 'Already Reported',
  226: 'IM Used',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  305: 'Use Proxy',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates',
  507: 'Insufficient Storage',
  508: 'Loop Detected',
  510: 'Not Extended',
  511: 'Network Authentication Required'
} as const
statuses satisfies Record<number, string>

export type RegisteredStatus = keyof typeof statuses

/** An unknown code is treated as the x00 of its class (RFC 9110 section 15), so its class is all that can be said of it. */
const classes = ['', 'Informational', 'Successful', 'Redirection', 'Client Error', 'Server Error'] as const

const reasons = new Map<number, string>(Object.entries(statuses).map(([code, reason]) => [Number(code), reason]))
const lines = new Map<number, string>()

/**
 * The reason of a status code: the registered one, else the name of its class.
 * @throws {RangeError} for what is no status code: not an integer from 100 to 599
 */
export function statusText(code: number): string {
  const reason = reasons.get(code)
  if (reason !== undefined) return reason
  if (!Number.isInteger(code) || code < 100 || code > 599) throw new RangeError(`not a status code: ${code}`)
  return classes[Math.floor(code / 100)] as string
}

/**
 * Code and reason, `404 Not Found`: the status that an exchange takes.
 * @throws {RangeError} as statusText()
 */
export function statusLine(code: number): string {
  const known = lines.get(code)
  if (known !== undefined) return known
  const line = `${code} ${statusText(code)}`
  lines.set(code, line)
  return line
}

/**
 * True where an answer ends with its head whatever its fields say: 1xx, 204 and 304 (RFC 9112 section 6.3).
 * 205 is not among them: it has an empty body, which is framed like any other.
 */
export function forbidsBody(code: number): boolean {
  return code < 200 || code === 204 || code === 304
}
