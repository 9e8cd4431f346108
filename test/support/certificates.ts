/** Certificates for tests, made on the spot: X.509 version 3 (RFC 5280), P-256, written in DER by hand. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface CertificateWishes {
  /** The common name. */
  readonly name: string
  readonly organisation?: string
  /** Host names and IPv4 addresses that it is made out for. */
  readonly hosts?: readonly string[]
  /** Days from now; negative ones are past. Default -1 and 30. */
  readonly from?: number
  readonly to?: number
  /** Who signs it; itself without one. */
  readonly issuer?: TestCertificate
  readonly authority?: boolean
}

export interface TestCertificate {
  readonly cert: string
  readonly key: string
  readonly name: Buffer
  readonly privateKey: KeyObject
}

const OID = {
  ecdsaWithSha256: [1, 2, 840, 10045, 4, 3, 2], commonName: [2, 5, 4, 3], organisation: [2, 5, 4, 10],
  basicConstraints: [2, 5, 29, 19], subjectAltName: [2, 5, 29, 17], keyIdentifier: [2, 5, 29, 14],
} as const

export function makeCertificate(wishes: CertificateWishes): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { issuer, from = -1, to = 30 } = wishes
  const name = sequence(
    ...(wishes.organisation === undefined ? [] : [attribute(OID.organisation, wishes.organisation)]),
    attribute(OID.commonName, wishes.name),
  )
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const algorithm = sequence(objectId(OID.ecdsaWithSha256))
  const serial = randomBytes(8)
  serial.writeUInt8(0x40 | (serial.readUInt8() & 0x3f)) // positive, and not padded
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), integer(serial), algorithm, issuer?.name ?? name,
    sequence(time(from), time(to)), name, spki, tagged(0xa3, sequence(...extensions(wishes, spki))),
  )
  const signature = sign('sha256', content, issuer?.privateKey ?? privateKey)
  const der = sequence(content, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return { cert: pem('CERTIFICATE', der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), name, privateKey }
}

/** In files, as a server reads them. */
export function writeCertificate(directory: string, base: string, certificate: TestCertificate): { certFile: string, keyFile: string } {
  mkdirSync(directory, { recursive: true })
  const certFile = join(directory, `${base}.pem`)
  const keyFile = join(directory, `${base}.key`)
  writeFileSync(certFile, certificate.cert)
  writeFileSync(keyFile, certificate.key, { mode: 0o600 })
  return { certFile, keyFile }
}

function extensions({ hosts = [], authority = false }: CertificateWishes, spki: Buffer): Buffer[] {
  const keyIdentifier = createHash('sha1').update(spki).digest()
  const found = [extension(OID.keyIdentifier, tagged(0x04, keyIdentifier))]
  if (authority) found.push(extension(OID.basicConstraints, sequence(tagged(0x01, Buffer.from([0xff])))))
  if (hosts.length > 0) {
    found.push(extension(OID.subjectAltName, sequence(...hosts.map((host) => /^[\d.]+$/.test(host)
      ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host, 'latin1'))))))
  }
  return found
}

const extension = (id: readonly number[], value: Buffer): Buffer => sequence(objectId(id), tagged(0x04, value))
const attribute = (id: readonly number[], text: string): Buffer => tagged(0x31, sequence(objectId(id), tagged(0x0c, Buffer.from(text, 'utf8'))))
const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts))
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes)

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function objectId([first = 0, second = 0, ...rest]: readonly number[]): Buffer {
  const bytes = rest.flatMap((part) => {
    const septets = [part & 0x7f]
    for (let left = part >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80)
    return septets
  })
  return tagged(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

/** UTCTime: two digits of the year. */
function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString()
  return tagged(0x17, Buffer.from(`${text.slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) as string[]
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
