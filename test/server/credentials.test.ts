import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { settingsFrom } from '../../src/config/settings-from.ts'
import type { SettingsParams } from '../../src/config/settings.ts'
import { CertificateError, readCredentials } from '../../src/server/credentials.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { runCommand } from '../support/start-command.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-credentials-'))
after(() => rmSync(directory, { recursive: true }))

const file = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}
const one = makeCertificate({ name: 'one', hosts: ['one.example'] })
const { certFile, keyFile } = writeCertificate(directory, 'one', one)
const other = writeCertificate(directory, 'other', makeCertificate({ name: 'other', hosts: ['other.example'] }))
const both = file('both.pem', one.cert + one.key)
const empty = file('empty.pem', '')
const broken = file('broken.pem', one.cert.replace(/\n[A-Za-z0-9+/]{10}/, '\nAAAAAAAAAA'))
const brokenKey = file('broken.key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')
const sealedKey = file('sealed.key', generateKeyPairSync('ec', {
  namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
}).privateKey)
const missing = join(directory, 'missing.pem')
mkdirSync(join(directory, 'directory'))

const refused: readonly (readonly [string, SettingsParams, RegExp])[] = [
  ['a certificate that is missing', { certFile: missing }, /^certFile: .*missing\.pem cannot be read: there is no such file$/],
  ['a certificate that is a directory', { certFile: join(directory, 'directory') }, /^certFile: .* cannot be read: it is a directory$/],
  ['a certificate file without one', { certFile: empty, keyFile }, /^certFile: .*empty\.pem has no certificate in PEM$/],
  ['a broken certificate', { certFile: broken, keyFile }, /^certFile: .*broken\.pem has a broken certificate: /],
  ['a key that is missing', { certFile, keyFile: missing }, /^keyFile: .*missing\.pem cannot be read: there is no such file$/],
  ['no key at all', { certFile }, /^certFile: .*one\.pem has no private key in PEM$/],
  ['a broken key', { certFile, keyFile: brokenKey }, /^keyFile: .*broken\.key has a private key that cannot be used: /],
  ['a key with a passphrase', { certFile, keyFile: sealedKey }, /^keyFile: .*sealed\.key has a private key that cannot be used: it has a passphrase/],
  ['a key of another certificate', { certFile, keyFile: other.keyFile }, /^keyFile: .*other\.key is not the key of the certificate in .*one\.pem$/],
  ['a further certificate that cannot be used', { certFile, keyFile, certificates: [{ certFile: missing }] }, /^certificates: .*missing\.pem cannot be read/],
  ['authorities that are missing', { certFile, keyFile, caCerts: missing }, /^caCerts: .*missing\.pem cannot be read/],
  ['authorities that are none', { certFile, keyFile, caCerts: keyFile }, /^caCerts: .*one\.key has no certificate in PEM$/],
  ['certificates of clients without authorities', { certFile, keyFile, certReqs: 'required' }, /^certReqs: "required" needs caCerts/],
  ['a key without a certificate', { keyFile }, /^keyFile: it has no use without certFile/],
  ['certificates of clients without one of the server', { certReqs: 'optional' }, /^certReqs: it has no use without certFile/],
]
for (const [name, params, message] of refused) {
  test(`refused in one line: ${name}`, () => {
    assert.throws(() => readCredentials(settingsFrom(params)), (error: unknown) => {
      assert.ok(error instanceof CertificateError)
      assert.match(error.message, message)
      assert.equal(error.message.includes('\n'), false)
      return true
    })
  })
}

test('a file that nobody may read is refused', { skip: process.getuid?.() === 0 ? 'root may read every file' : false }, () => {
  const hidden = file('hidden.pem', one.cert)
  execFileSync('chmod', ['000', hidden])
  assert.throws(() => readCredentials(settingsFrom({ certFile: hidden, keyFile })), /cannot be read: permission denied/)
})

test('a certificate and its key may be in one file', () => {
  assert.deepEqual(readCredentials(settingsFrom({ certFile: both }))?.warnings, [])
  assert.equal(readCredentials(settingsFrom({})), null)
})

test('a certificate that has expired, is not valid yet, or soon no more is a warning', () => {
  const warnings = (from: number, to: number): readonly string[] => {
    const made = writeCertificate(directory, 'dated', makeCertificate({ name: 'dated', from, to }))
    return readCredentials(settingsFrom(made))?.warnings ?? []
  }
  assert.match(warnings(-20, -2).join(), /^the certificate in .*dated\.pem has expired on .* GMT: clients will refuse it$/)
  assert.match(warnings(2, 20).join(), /is not valid before .* GMT: clients will refuse it$/)
  assert.match(warnings(-2, 3).join(), /expires on .* GMT$/)
  assert.deepEqual(warnings(-2, 30), [])
})

for (const workers of ['0', '2']) {
  test(`the command ends with status 2 and one line for a certificate that cannot be used (${workers} workers)`, async () => {
    const { code, stderr } = await runCommand(['--bind', '127.0.0.1:0', '-w', workers, '--cert-file', missing, 'examples/hello.ts'])
    assert.equal(code, 2)
    assert.match(stderr, /^pulsar: certFile: .*missing\.pem cannot be read: there is no such file\n$/)
  })
}

test('--check-config reads certificates', async () => {
  const { code, stderr } = await runCommand(['--check-config', '--cert-file', certFile, 'examples/hello.ts'])
  assert.equal(code, 2)
  assert.match(stderr, /^pulsar: certFile: .* has no private key in PEM\n$/)
})
