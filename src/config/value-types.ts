import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { addressForms, formatAddress, longestSocketPath, parseAddress, type Address } from './address.ts'
import { forwardedNames } from '../http/forwarded.ts'
import { isPrefix } from './prefix.ts'
import { accessAtoms, isAccessFormat } from './access-format.ts'
import { formatMounts, mountRules, readMounts } from './mount.ts'
import type { Row } from './row.ts'
import type { CertificateFiles, TypeName, Values } from './values.ts'

/** How values of one type are read, described and written. */
export interface ValueType<T> {
  /** What the help calls a value. */
  readonly metavar: string
  /** True where the empty text is a value. */
  readonly empty?: true
  /** What a right value is; stands behind "expected". */
  expected(row: Row): string
  /** The value, from text or from a program's own value; undefined where it is not one. */
  read(raw: unknown, row: Row): T | undefined
  /** The text that read() takes back. */
  print(value: T): string
  /** The text that others may see, where it is not the same. */
  show?(value: T): string
}

// Timers count milliseconds in 31 bits; beyond, Node fires at once.
const longestWait = 2_147_483
const unit: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
const yes: ReadonlySet<unknown> = new Set([true, 'true', 'yes', 'on', '1'])
const no: ReadonlySet<unknown> = new Set([false, 'false', 'no', 'off', '0'])

const addressValues = `${addressForms}, a port from 0 to 65535, a PATH of at most ${longestSocketPath} bytes`

export const valueTypes: { readonly [T in TypeName]: ValueType<Values[T]> } = {
  addresses: {
    metavar: 'ADDRESS',
    expected: () => addressValues,
    read: readAddresses,
    print: (value) => value.map(formatAddress).join(','),
  },
  address: {
    metavar: 'ADDRESS',
    expected: () => addressValues,
    read: (raw) => readAddresses(raw)?.[0],
    print: formatAddress,
  },
  seconds: {
    metavar: 'SECONDS',
    expected: () => `seconds from 0 to ${longestWait}, fractions allowed`,
    read: (raw) => within(readNumber(raw, /^\d+(\.\d+)?(e-?\d+)?$/i), 0, longestWait),
    print: String,
  },
  count: {
    metavar: 'N',
    expected: (row) => `a whole number${bounds(row)}`,
    read: (raw, row) => within(whole(readNumber(raw, /^\d+$/)), row.min, row.max),
    print: String,
  },
  bytes: {
    metavar: 'BYTES',
    expected: (row) => `bytes (8190, 10k, 5M, 1G)${bounds(row)}`,
    read: (raw, row) => within(whole(readBytes(raw)), row.min, row.max),
    print: printBytes,
  },
  flag: {
    metavar: '',
    expected: () => 'true or false',
    read: (raw) => yes.has(raw) ? true : no.has(raw) ? false : undefined,
    print: String,
  },
  choice: {
    metavar: 'NAME',
    expected: (row) => alternatives(row.choices ?? []),
    read: (raw, row) => row.choices?.find((choice) => choice === raw),
    print: String,
  },
  path: {
    metavar: 'PATH',
    expected: () => 'a path',
    read: (raw) => isPath(raw) ? raw : undefined,
    print: String,
  },
  mask: {
    metavar: 'MODE',
    expected: () => 'an octal number from 000 to 777',
    read: readMask,
    print: (value) => value.toString(8).padStart(3, '0'),
  },
  prefix: {
    metavar: 'PATH',
    empty: true,
    expected: () => 'nothing, or a path such as /app: a slash first, none at the end, no empty or dot segment, no escapes',
    read: (raw) => typeof raw === 'string' && isPrefix(raw) ? raw : undefined,
    print: String,
  },
  product: {
    metavar: 'TEXT',
    empty: true,
    expected: () => 'nothing, or printable ASCII such as name/1.0 (RFC 9110 section 10.2.4)',
    read: (raw) => typeof raw === 'string' && /^([!-~]([ -~]*[!-~])?)?$/.test(raw) ? raw : undefined,
    print: String,
  },
  workers: {
    metavar: 'N',
    expected: (row) => `auto, or a whole number${bounds(row)}`,
    read: (raw, row) => raw === 'auto' ? availableParallelism() : within(whole(readNumber(raw, /^\d+$/)), row.min, row.max),
    print: String,
  },
  requestPath: {
    metavar: 'PATH',
    expected: () => 'a path such as /ready, with a query or without',
    read: (raw) => typeof raw === 'string' && /^\/[!-"$-~]*$/.test(raw) ? raw : undefined,
    print: String,
  },
  account: {
    metavar: 'NAME',
    expected: () => 'a name or a number',
    read: readAccount,
    print: String,
  },
  title: {
    metavar: 'NAME',
    expected: () => 'printable text',
    read: (raw) => typeof raw === 'string' && /^[^\0-\x1f\x7f]+$/.test(raw) ? raw : undefined,
    print: String,
  },
  accessFormat: {
    metavar: 'FORMAT',
    expected: () => `combined, json, or text with atoms: ${Object.keys(accessAtoms).map((atom) => `%(${atom})s`).join(' ')} %({FIELD}i)s %({FIELD}o)s`,
    read: (raw) => typeof raw === 'string' && isAccessFormat(raw) ? raw : undefined,
    print: String,
  },
  redisUrl: {
    metavar: 'URL',
    expected: () => 'a URL such as redis://127.0.0.1:6379/0, or rediss: (TLS)',
    read: readRedisUrl,
    print: String,
    show: (value) => value.replace(/:[^:@/]*@/, ':***@'),
  },
  mounts: {
    metavar: 'PREFIX=TARGET',
    expected: (row) => `${row.metavar ?? 'PREFIX=TARGET'}${mountRules}`,
    read: readMounts,
    print: formatMounts,
  },
  secret: {
    metavar: 'TEXT',
    expected: () => `${leastSecret} or more printable characters without spaces`,
    read: (raw) => typeof raw === 'string' && raw.length >= leastSecret && /^[!-~]+$/.test(raw) ? raw : undefined,
    print: String,
    show: () => '***',
  },
  peers: {
    metavar: 'ADDRESS',
    empty: true,
    expected: () => 'an IP address, a range such as 10.0.0.0/8 or fd00::/8, unix, or *',
    read: (raw) => readList(raw, (one) => isPeer(one) ? one : undefined),
    print: (value) => value.join(','),
  },
  forwardedFields: {
    metavar: 'FIELD',
    empty: true,
    expected: () => alternatives(forwardedNames),
    read: (raw) => readList(raw, (one) => forwardedNames.find((name) => name === one.toLowerCase())),
    print: (value) => value.join(','),
  },
  certificates: {
    metavar: 'FILES',
    empty: true,
    expected: () => 'CERTFILE:KEYFILE, or CERTFILE that has the key as well; in a program { certFile, keyFile } too',
    read: readCertificates,
    print: (value) => value.map(({ certFile, keyFile }) => keyFile === undefined ? certFile : `${certFile}:${keyFile}`).join(','),
  },
}

const leastSecret = 16

function readRedisUrl(raw: unknown): string | undefined {
  if (typeof raw !== 'string' || !URL.canParse(raw)) return undefined
  const { protocol, hostname, pathname, search, hash } = new URL(raw)
  const known = ['redis:', 'rediss:', 'valkey:', 'valkeys:'].includes(protocol)
  return known && hostname !== '' && /^\/?\d*$/.test(pathname) && search === '' && hash === '' ? raw : undefined
}

/** Texts, alone, in a list, or with commas between. */
function readList(raw: unknown, read: (text: string) => string | undefined): readonly string[] | undefined {
  const given: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
  if (!given.every((one) => typeof one === 'string')) return undefined
  const values = given.flatMap((one) => one.split(',')).map((one) => one.trim()).filter((one) => one !== '').map(read)
  return values.every((one) => one !== undefined) ? Object.freeze(values) : undefined
}

function isPeer(text: string): boolean {
  if (text === '*' || text === 'unix') return true
  const parts = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text)
  const family = isIP(parts?.[1] ?? '')
  return family !== 0 && Number(parts?.[2] ?? 0) <= (family === 4 ? 32 : 128)
}

function readCertificates(raw: unknown): readonly CertificateFiles[] | undefined {
  const given: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
  const read = given.filter((one) => one !== '').map(certificateFiles)
  return read.every((one) => one !== undefined) ? Object.freeze(read) : undefined
}

function certificateFiles(raw: unknown): CertificateFiles | undefined {
  if (typeof raw === 'string') {
    const parts = /^([^:\0]+)(?::([^:\0]+))?$/.exec(raw)
    if (parts === null) return undefined
    const [, certFile, keyFile] = parts as unknown as [string, string, string | undefined]
    return Object.freeze(keyFile === undefined ? { certFile } : { certFile, keyFile })
  }
  if (typeof raw !== 'object' || raw === null || Object.keys(raw).some((name) => name !== 'certFile' && name !== 'keyFile')) return undefined
  const { certFile, keyFile } = raw as { certFile?: unknown, keyFile?: unknown }
  const known = isPath(certFile) && (keyFile === undefined || isPath(keyFile))
  return known ? Object.freeze(keyFile === undefined ? { certFile } : { certFile, keyFile: keyFile as string }) : undefined
}

function isPath(raw: unknown): raw is string {
  return typeof raw === 'string' && raw !== '' && !raw.includes('\0')
}

function readAccount(raw: unknown): string | undefined {
  const text = typeof raw === 'number' && whole(raw) !== undefined ? String(raw) : raw
  return typeof text === 'string' && /^[\w.][\w.@-]*\$?$/.test(text) ? text : undefined
}

function readAddresses(raw: unknown): readonly Address[] | undefined {
  const given: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
  const addresses: Address[] = []
  for (const one of given) {
    const text = typeof one === 'number' ? String(one) : one
    const address = typeof text === 'string' ? parseAddress(text.trim()) : undefined
    if (address === undefined) return undefined
    addresses.push(address)
  }
  return addresses.length > 0 ? Object.freeze(addresses) : undefined
}

function readNumber(raw: unknown, form: RegExp): number | undefined {
  if (typeof raw === 'number') return raw
  return typeof raw === 'string' && form.test(raw) ? Number(raw) : undefined
}

function readBytes(raw: unknown): number | undefined {
  if (typeof raw !== 'string') return readNumber(raw, /^$/)
  const parts = /^(\d+)([kmg]?)$/i.exec(raw)
  return parts === null ? undefined : Number(parts[1]) * (unit[(parts[2] as string).toLowerCase()] as number)
}

function readMask(raw: unknown): number | undefined {
  const value = typeof raw === 'string' && /^[0-7]{1,4}$/.test(raw) ? Number.parseInt(raw, 8) : raw
  return typeof value === 'number' ? within(whole(value), 0, 0o777) : undefined
}

function whole(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined
}

function within(value: number | undefined, min = 0, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined
}

function bounds(row: Row): string {
  const min = row.min ?? 0
  return row.max === undefined ? `, ${min} or more` : ` from ${min} to ${row.type === 'bytes' ? printBytes(row.max) : row.max}`
}

function printBytes(value: number): string {
  if (value === 0) return '0'
  for (const suffix of ['G', 'M', 'k']) {
    const size = unit[suffix.toLowerCase()] as number
    if (value % size === 0) return `${value / size}${suffix}`
  }
  return String(value)
}

function alternatives(choices: readonly string[]): string {
  if (choices.length < 2) return choices.join()
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}
