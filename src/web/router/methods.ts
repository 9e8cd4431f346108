/** The methods that routers know by name. */

/** Names of router methods that handle requests; nothing else that a client sends is ever looked up on a router. */
export const handlerMethods = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete', 'trace'] as const

export type HandlerMethod = (typeof handlerMethods)[number]

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Methods are case-sensitive (RFC 9110 section 9.1): those known here may be written in lower case, others stay as they are. */
export function methodToken(method: string): string {
  if ((handlerMethods as readonly string[]).includes(method.toLowerCase())) return method.toUpperCase()
  if (!TOKEN.test(method)) throw new TypeError(`'${method}' is no method (RFC 9110 section 9.1)`)
  return method
}
