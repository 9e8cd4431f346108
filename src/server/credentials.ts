/** Certificates, keys and authorities, read from their files and found fit for use before anybody connects. */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import type { Settings } from '../config/settings.ts'
import type { CertificateFiles } from '../config/values.ts'
import { nodeCrypto } from '../gateway/node-crypto.ts'
import { nodeTls } from './node-tls.ts'

/** A certificate that cannot be used, in one line: which setting, which file, and why. */
export class CertificateError extends Error {
  override readonly name: string = 'CertificateError'
}

export interface ServerCertificate {
  readonly options: SecureContextOptions
  readonly context: SecureContext
  /** What the client gets: made out for names, valid for a time. */
  readonly leaf: X509Certificate
}

export interface Credentials {
  /** The first one is for clients that name no host, or none that is known. */
  readonly certificates: readonly ServerCertificate[]
  readonly authorities: string | null
  readonly clients: Settings['certReqs']
  /** For the operator: what will be refused by clients, or soon. */
  readonly warnings: readonly string[]
}

/** So long before the end of a certificate its owner is told, in milliseconds. */
const SOON = 7 * 86_400_000
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * Sessions that one worker began are the others' too: the same name for all (RFC 5077 section 4 leaves it to servers). OpenSSL
 * resumes none of another name; and in one that is resumed nobody looks at the client's certificate again, so that whom other
 * authorities have let in begins anew.
 */
const sessionsOf = (authorities: string | null): string => nodeCrypto().createHash('sha256').update(authorities ?? '').digest('hex').slice(0, 32)

/** @returns null where the settings want no TLS @throws {CertificateError} */
export function readCredentials(settings: Settings): Credentials | null {
  const { certFile, keyFile, certificates, caCerts, certReqs } = settings
  if (certFile === null) {
    const stray = ([['keyFile', keyFile], ['caCerts', caCerts]] as const).find(([, value]) => value !== null)?.[0]
      ?? (certificates.length > 0 ? 'certificates' : certReqs === 'none' ? undefined : 'certReqs')
    if (stray === undefined) return null
    throw new CertificateError(`${stray}: it has no use without certFile, the server's certificate`)
  }
  const authorities = caCerts === null ? null : readAuthorities(caCerts)
  if (certReqs !== 'none' && authorities === null) {
    throw new CertificateError(`certReqs: "${certReqs}" needs caCerts, the authorities that certificates of clients must be from`)
  }
  const first = readCertificate(keyFile === null ? { certFile } : { certFile, keyFile }, 'certFile', authorities)
  const others = certificates.map((files) => readCertificate(files, 'certificates', authorities))
  const all = [{ file: certFile, ...first }, ...others.map((one, i) => ({ file: certificates[i]?.certFile as string, ...one }))]
  const now = Date.now()
  return {
    certificates: [first, ...others], authorities, clients: certReqs,
    warnings: all.flatMap(({ file, leaf }) => warningOf(file, leaf, now)),
  }
}

/** The one that is made out for a host, if any. */
export function certificateFor(certificates: readonly ServerCertificate[], host: string): ServerCertificate | undefined {
  // RFC 6125 section 6.4.4: the common name is no longer looked at.
  return certificates.find(({ leaf }) => leaf.checkHost(host, { subject: 'never' }) !== undefined)
}

function readCertificate({ certFile, keyFile }: CertificateFiles, setting: string, authorities: string | null): ServerCertificate {
  const cert = readPem(certFile, setting)
  const blocks = cert.match(PEM_CERTIFICATE)
  if (blocks === null) throw new CertificateError(`${setting}: ${certFile} has no certificate in PEM`)
  const keySetting = setting === 'certFile' && keyFile !== undefined ? 'keyFile' : setting
  const key = keyFile === undefined ? cert : readPem(keyFile, keySetting)
  const [leaf] = blocks.map((block) => certificateOf(block, `${setting}: ${certFile}`)) as [X509Certificate, ...X509Certificate[]]
  const privateKey = keyOf(key, `${keySetting}: ${keyFile ?? certFile}`)
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CertificateError(`${keySetting}: ${keyFile ?? certFile} is not the key of the certificate in ${certFile}`)
  }
  const options: SecureContextOptions = {
    cert, key, minVersion: 'TLSv1.2', sessionIdContext: sessionsOf(authorities), honorCipherOrder: true,
    ...(authorities === null ? {} : { ca: authorities }),
  }
  try {
    return { options, context: nodeTls().createSecureContext(options), leaf }
  } catch (error) {
    throw new CertificateError(`${setting}: ${certFile} cannot be used: ${reasonOf(error)}`, { cause: error })
  }
}

function readAuthorities(file: string): string {
  const text = readPem(file, 'caCerts')
  const blocks = text.match(PEM_CERTIFICATE)
  if (blocks === null) throw new CertificateError(`caCerts: ${file} has no certificate in PEM`)
  for (const block of blocks) certificateOf(block, `caCerts: ${file}`)
  return text
}

function readPem(file: string, setting: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = ({ ENOENT: 'there is no such file', EACCES: 'permission denied', EISDIR: 'it is a directory' })[code ?? ''] ?? reasonOf(error)
    throw new CertificateError(`${setting}: ${file} cannot be read: ${reason}`, { cause: error })
  }
}

function certificateOf(pem: string, where: string): X509Certificate {
  try {
    return new (nodeCrypto().X509Certificate)(pem)
  } catch (error) {
    throw new CertificateError(`${where} has a broken certificate: ${reasonOf(error)}`, { cause: error })
  }
}

function keyOf(pem: string, where: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) throw new CertificateError(`${where} has no private key in PEM`)
  try {
    return nodeCrypto().createPrivateKey(pem)
  } catch (error) {
    const reason = pem.includes('ENCRYPTED') ? 'it has a passphrase, and nobody is there to type it' : reasonOf(error)
    throw new CertificateError(`${where} has a private key that cannot be used: ${reason}`, { cause: error })
  }
}

function warningOf(file: string, leaf: X509Certificate, now: number): readonly string[] {
  const from = Date.parse(leaf.validFrom)
  const to = Date.parse(leaf.validTo)
  if (to < now) return [`the certificate in ${file} has expired on ${leaf.validTo}: clients will refuse it`]
  if (from > now) return [`the certificate in ${file} is not valid before ${leaf.validFrom}: clients will refuse it`]
  return to - now < SOON ? [`the certificate in ${file} expires on ${leaf.validTo}`] : []
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*[\r\n]+\s*/g, ' ')
}
