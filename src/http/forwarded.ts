/**
 * What proxies say of the client whose request they pass on: `Forwarded` (RFC 7239), and the `X-Forwarded-*` fields that came
 * before it. Whom to believe is the caller's to say; nothing here is believed beyond the first address that it does not trust.
 */
import { isHost } from './grammar.ts'
import { combinedValue } from './combined-value.ts'
import { forwardedNode, UNIX, type ForwardedNode } from './forwarded-node.ts'
import { parseForwarded } from './forwarded-elements.ts'
import type { FieldLines } from './request-head.ts'

export const forwardedNames = [
  'forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix',
] as const

export type ForwardedName = (typeof forwardedNames)[number]

/** What is told, by proxies that are trusted. What is undefined nobody told. */
export interface Told {
  /** The client; its address is empty where the proxy knows or tells none. */
  readonly client: ForwardedNode | undefined
  readonly scheme: 'http' | 'https' | undefined
  /** `host[:port]` that the client asked for. */
  readonly host: string | undefined
  /** That the client connected to. */
  readonly port: number | undefined
  /** What was taken off the front of the path; no slash at its end. */
  readonly prefix: string | undefined
}

/** A field of a trusted proxy that cannot be read. */
export interface Unreadable {
  readonly unreadable: string
}

const SCHEMES: Readonly<Record<string, 'http' | 'https'>> = { http: 'http', https: 'https', ws: 'http', wss: 'https' }
const PREFIX = /^(?:\/(?!\.{1,2}(?:\/|$))[!"$&-.0->@-~]+)+$/

/** Each list with the nearest proxy's entry first. */
interface Chain {
  readonly nodes: readonly string[]
  readonly schemes: readonly (string | undefined)[]
  readonly hosts: readonly (string | undefined)[]
  readonly ports: readonly (string | undefined)[]
  readonly prefixes: readonly (string | undefined)[]
}

/**
 * @param names the fields that count
 * @param trusts whether an address is that of a proxy whose word is taken; who sent the request is trusted already
 * @returns undefined where none of those fields is there
 */
export function readForwarded(fields: FieldLines, names: ReadonlySet<string>, trusts: (address: string) => boolean): Told | Unreadable | undefined {
  const chain = chainOf(fields, names)
  if (chain === undefined || 'unreadable' in chain) return chain
  const walked = walk(chain.nodes, trusts)
  if ('unreadable' in walked) return walked
  const { client, reached } = walked
  const scheme = farthest(chain.schemes, reached)
  const known = scheme === undefined ? undefined : SCHEMES[scheme.toLowerCase()]
  if (scheme !== undefined && known === undefined) return unreadable('scheme', scheme)
  const host = farthest(chain.hosts, reached)
  if (host !== undefined && (host === '' || !isHost(host))) return unreadable('host', host)
  const port = farthest(chain.ports, reached)
  if (port !== undefined && !(/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65535)) return unreadable('port', port)
  const prefix = farthest(chain.prefixes, reached)?.replace(/\/$/, '')
  if (prefix !== undefined && prefix !== '' && !PREFIX.test(prefix)) return unreadable('prefix', prefix)
  return { client, scheme: known, host, port: port === undefined ? undefined : Number(port), prefix: prefix === '' ? undefined : prefix }
}

/** From the nearest proxy outwards, up to the first that is not trusted: what stands behind that one is its own word. */
function walk(nodes: readonly string[], trusts: (address: string) => boolean): { client: ForwardedNode | undefined, reached: number } | Unreadable {
  let client: ForwardedNode | undefined
  let reached = 0
  for (const [i, text] of nodes.entries()) {
    client = forwardedNode(text)
    if (client === undefined) return unreadable('address', text)
    reached = i
    const address = text === UNIX ? text : client.address
    if (address === '' || !trusts(address)) break
  }
  return { client, reached }
}

/** What the outermost trusted proxy says of it; those nearer may leave it to that one. */
function farthest(values: readonly (string | undefined)[], reached: number): string | undefined {
  for (let i = Math.min(reached, values.length - 1); i >= 0; i--) if (values[i] !== undefined) return values[i]
  return undefined
}

/** Where a proxy says it both ways, the older fields count: a client's own `Forwarded` passes a proxy that knows only those. */
function chainOf(fields: FieldLines, names: ReadonlySet<string>): Chain | Unreadable | undefined {
  const list = (name: ForwardedName): readonly string[] => {
    const value = names.has(name) ? combinedValue(fields, name) : undefined
    return value === undefined ? [] : value.split(',').map((one) => one.trim()).filter((one) => one !== '').reverse()
  }
  const chain: Chain = {
    nodes: list('x-forwarded-for'), schemes: list('x-forwarded-proto'), hosts: list('x-forwarded-host'), ports: list('x-forwarded-port'),
    prefixes: list('x-forwarded-prefix'),
  }
  const told = [chain.nodes, chain.schemes, chain.hosts, chain.ports].some((one) => one.length > 0)
  const value = told || !names.has('forwarded') ? undefined : combinedValue(fields, 'forwarded')
  if (value === undefined) return told || chain.prefixes.length > 0 ? chain : undefined
  const elements = parseForwarded(value)?.reverse()
  if (elements === undefined) return unreadable('Forwarded', value)
  return {
    // An element without `for` ends the walk: who is behind it nobody says.
    nodes: elements.some((one) => one.for !== undefined) ? elements.map((one) => one.for ?? 'unknown') : [],
    schemes: elements.map(({ proto }) => proto), hosts: elements.map(({ host }) => host), ports: [], prefixes: chain.prefixes,
  }
}

function unreadable(what: string, text: string): Unreadable {
  return { unreadable: `a forwarded ${what} that cannot be read: ${JSON.stringify(text.slice(0, 100))}` }
}
