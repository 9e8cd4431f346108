/** What may be said of a WebSocket endpoint, and what holds where nothing is said. */
import type { WsgiRequest } from '../web/request.ts'

/** Who may connect from a page: `same` host, `any`, a list of origins, or a function; clients without `Origin` are no browsers. */
export type AllowedOrigins = 'same' | 'any' | readonly string[] | ((origin: string, request: WsgiRequest) => boolean)

/** Our choice of what the client offers, in its order of preference; undefined for none. */
export type ChooseProtocol = (offered: readonly string[], request: WsgiRequest) => string | undefined

export interface CompressionOptions {
  /** Messages below so many bytes are sent as they are. Default 1024. */
  readonly threshold?: number
}

/** Limits of one connection, on either side. */
export interface ConnectionOptions {
  /** The longest message, in bytes, after decompression; a longer one closes with 1009. Default 1 MiB. */
  readonly maxMessage?: number
  /** The most fragments of a message; more close with 1008. Default 16,384. */
  readonly maxFragments?: number
  /** What may wait to be sent when more is written, in bytes: beyond it a slow reader is cut off. Default 4 MiB. */
  readonly maxBuffered?: number
  /** Seconds without a byte of the other side after which it is pinged; without an answer it is cut off after as many again. 0: never. Default 30. */
  readonly pingInterval?: number
  /** Seconds that the other side has for its part of the closing handshake (RFC 6455 section 7.1.1). Default 5. */
  readonly closeTimeout?: number
  /** permessage-deflate (RFC 7692), without context takeover. Default: off. */
  readonly compression?: boolean | CompressionOptions
}

export interface WebSocketOptions extends ConnectionOptions {
  /** Default `same`: a page of another host could act in its visitor's name (RFC 6455 section 10.2). */
  readonly origins?: AllowedOrigins
  /** Subprotocols, best first, or a function (RFC 6455 section 1.9). Default: none. */
  readonly protocols?: readonly string[] | ChooseProtocol
}

export interface ConnectionLimits extends Required<Omit<ConnectionOptions, 'compression'>> {
  readonly compression: Required<CompressionOptions> | null
}

const NUMBERS = { maxMessage: 1 << 20, maxFragments: 16384, maxBuffered: 4 << 20, pingInterval: 30, closeTimeout: 5 } as const

/** @throws {RangeError} for what is no limit */
export function connectionLimits(options: ConnectionOptions): ConnectionLimits {
  const limits: Record<keyof typeof NUMBERS, number> = { ...NUMBERS }
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
    const value = options[name]
    if (value === undefined) continue
    const least = name === 'pingInterval' ? 0 : Number.MIN_VALUE
    if (!(value >= least) || value > 0x7fffffff) throw new RangeError(`${name} is ${value}: expected a number from ${least === 0 ? 0 : 'above 0'} to 2147483647`)
    limits[name] = value
  }
  const { compression = false } = options
  return { ...limits, compression: compression === false ? null : { threshold: 1024, ...(compression === true ? {} : compression) } }
}
