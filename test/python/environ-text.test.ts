import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsFrom } from '../../src/config/settings-from.ts'
import { buildEnviron } from '../../src/gateway/environ.ts'
import type { Environ } from '../../src/gateway/wsgi.ts'
import { environText } from '../../src/python/environ-text.ts'
import { environValues } from '../../src/python/environ-values.ts'
import { RecordingExchange, type RecordingOptions } from '../support/recording-exchange.ts'
import { unmarshal } from '../support/unmarshal.ts'

const read = (text: string): unknown => unmarshal(Buffer.from(text, 'latin1'))

const settings = (scriptName: string): ReturnType<typeof settingsFrom> => settingsFrom({ scriptName })

function built(exchange: RecordingExchange, scriptName: string): Environ {
  const errors = { write: () => undefined, writelines: () => undefined, flush: () => undefined }
  return buildEnviron(exchange, { settings: settings(scriptName), errorsOf: () => errors, multiprocess: false })
}

/** What of it crosses, but for what START has said. */
function crossing(environ: Environ): unknown {
  const { SERVER_SOFTWARE: _, ...rest } = environ
  return Object.fromEntries(Object.entries(rest).filter(([key, value]) => typeof value === 'string' || key === 'none'))
}

const cases: Readonly<Record<string, RecordingOptions & { readonly scriptName?: string }>> = {
  'a plain request': { fields: ['Host', 'a.example', 'Accept', '*/*'] },
  'repeated fields, in several spellings': { fields: ['X-One', '1', 'x-one', '2', 'X-ONE', '3', 'Accept', 'a', 'accept', 'b'] },
  'cookies in two lines': { fields: ['Cookie', 'a=1', 'cookie', 'b=2'] },
  'content type and length': { fields: ['Content-Type', 'text/plain', 'Content-Length', '5'] },
  'latin-1 and long values': { fields: ['X-Latin', 'caf\xe9', 'X-Long', 'x'.repeat(300)], target: '/caf%C3%A9?q=%20' },
  'a name too long to be kept, twice': { fields: [`X-${'a'.repeat(100)}`, '1', `x-${'A'.repeat(100)}`, '2'] },
  'an absolute target': { fields: ['Host', 'other'], head: { authority: 'this.example:81' } },
  'https': { head: { scheme: 'https' }, peer: { encrypted: true } },
  'a unix socket': { peer: { remoteAddress: '', remotePort: 0, localAddress: '/run/a', localPort: 0 }, head: { authority: 'b.example:82' } },
  'HTTP/1.0 without Host': { head: { version: '1.0', authority: '' } },
  'a script name': { scriptName: '/app', target: '/app/x' },
  'a script name that ends within a segment': { scriptName: '/app', target: '/apple' },
  'names of JavaScript': { fields: ['__proto__', '1', 'constructor', '2'] },
}

for (const [name, { scriptName = '', ...options }] of Object.entries(cases)) {
  test(`the environ straight from the head is the one that an application of TypeScript gets: ${name}`, () => {
    const exchange = new RecordingExchange(options)
    const environ = built(exchange, scriptName)
    assert.deepEqual({ SERVER_SOFTWARE: 'pulsar', ...read(environText(exchange, scriptName)) as object }, read(environValues(environ)))
    assert.deepEqual(read(environText(exchange, scriptName)), crossing(environ))
  })
}

test('one request leaves nothing to the next, also with more names than are kept', () => {
  for (let i = 0; i < 1500; i++) {
    const exchange = new RecordingExchange({ fields: [`X-Name-${i}`, String(i), `x-name-${i}`, 'again'] })
    assert.deepEqual(read(environText(exchange, '')), crossing(built(exchange, '')))
  }
})

test('what middleware has put into the environ crosses as far as JSON has values like it', () => {
  const environ = built(new RecordingExchange(), '')
  const circle: unknown[] = []
  circle.push(circle)
  Object.assign(environ, {
    REMOTE_USER: 'ann', 'a.list': [1, -2, 1.5, true, null, '€', { deep: [] }], 'a.big': 2 ** 40, 'a.bytes': Buffer.from([0, 255]),
    'a.function': () => 1, 'a.symbol': Symbol('x'), 'a.date': new Date(0), 'a.circle': circle, 'a.undefined': undefined, 'a.map': new Map(),
    'a.mixed': [1, () => 2], 'a.bigint': 1n,
  })
  const crossed = read(environValues(environ)) as Record<string, unknown>
  const added = Object.fromEntries(Object.entries(crossed).filter(([key]) => key.startsWith('a.') || key === 'REMOTE_USER'))
  assert.deepEqual(added, {
    REMOTE_USER: 'ann', 'a.list': [1, -2, 1.5, true, null, '€', { deep: [] }], 'a.big': 2 ** 40, 'a.bytes': new Uint8Array([0, 255]),
  })
  assert.deepEqual(Object.keys(crossed).filter((key) => /^(wsgi|pulsar)\./.test(key)), ['wsgi.url_scheme', 'pulsar.request_id'])
})
