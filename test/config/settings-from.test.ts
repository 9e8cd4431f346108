import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsFrom } from '../../src/config/settings-from.ts'
import { SettingsError } from '../../src/config/settings-error.ts'
import type { SettingsParams } from '../../src/config/settings.ts'
import { settingNames, table } from '../../src/config/table.ts'
import { writtenValue } from '../../src/config/shown-value.ts'

const messageFor = (params: object): string => {
  try {
    settingsFrom(params as SettingsParams)
  } catch (error) {
    assert.ok(error instanceof SettingsError)
    assert.ok(!error.message.includes('\n'))
    return error.message
  }
  return assert.fail('the value was accepted')
}

test('without parameters every setting has the default of its row', () => {
  const settings = settingsFrom({})
  assert.deepEqual(Object.keys(settings), [...settingNames])
  assert.deepEqual(settings.bind, [{ kind: 'tcp', host: '127.0.0.1', port: 8060 }])
  assert.deepEqual([settings.timeout, settings.bodyTimeout, settings.sendTimeout], [30, 30, 60])
  assert.deepEqual([settings.headerTimeout, settings.keepAlive, settings.gracefulTimeout], [15, 75, 30])
  assert.deepEqual([settings.limitRequestLine, settings.limitRequestFields, settings.limitRequestFieldSize], [8190, 100, 8190])
  assert.deepEqual([settings.limitRequestHead, settings.limitRequestBody], [65_536, 0])
  assert.deepEqual([settings.backlog, settings.maxConnections, settings.scriptName], [2048, 0, ''])
  assert.deepEqual([settings.logLevel, settings.logFormat, settings.logFile], ['info', null, null])
  assert.deepEqual([settings.debug, settings.serverSoftware, settings.umask], [false, 'pulsar', null])
})

test('settings are frozen, the addresses included', () => {
  const settings = settingsFrom({})
  assert.ok(Object.isFrozen(settings))
  assert.ok(Object.isFrozen(settings.bind))
})

test('a parameter that is undefined counts as absent', () => {
  assert.equal(settingsFrom({ timeout: undefined }).timeout, 30)
})

test('null unsets a setting that can be unset, and no other', () => {
  assert.equal(settingsFrom({ logFile: null }).logFile, null)
  assert.match(messageFor({ timeout: null }), /^timeout \(constructor\): expected seconds.*; got null$/)
})

test('an unknown parameter is refused with the nearest name', () => {
  assert.equal(messageFor({ header_timeout: 1 }), 'header_timeout (constructor): no such setting; did you mean headerTimeout?')
  assert.equal(messageFor({ bnid: 1 }), 'bnid (constructor): no such setting; did you mean bind?')
  assert.equal(messageFor({ zzzzzz: undefined }), 'zzzzzz (constructor): no such setting')
  assert.equal(messageFor({ toString: 1 }), 'toString (constructor): no such setting')
})

test('the config file cannot be named where none is read', () => {
  assert.match(messageFor({ config: 'x.ts' }), /^config \(constructor\)/)
})

test('sizes are read with their units', () => {
  const size = (limitRequestBody: number | string): number => settingsFrom({ limitRequestBody }).limitRequestBody
  assert.deepEqual(
    [size(7), size('8190'), size('10k'), size('5M'), size('5m'), size('1G')],
    [7, 8190, 10_240, 5_242_880, 5_242_880, 2 ** 30],
  )
  for (const wrong of ['', '10kb', '-1', '1.5M', ' 1', 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, '9999999999999G', true]) {
    assert.match(messageFor({ limitRequestBody: wrong }), /^limitRequestBody \(constructor\): expected bytes/)
  }
})

test('times are read with fractions, up to what a timer can wait', () => {
  const wait = (timeout: unknown): number => settingsFrom({ timeout } as SettingsParams).timeout
  assert.deepEqual([wait(0), wait(0.25), wait('1.5'), wait(2_147_483)], [0, 0.25, 1.5, 2_147_483])
  for (const wrong of [2_147_484, -1, '5s', '', '0x10', Number.NaN, [5], {}]) {
    assert.match(messageFor({ timeout: wrong }), /^timeout \(constructor\): expected seconds from 0 to 2147483/)
  }
})

test('counts are whole and within their bounds', () => {
  assert.equal(settingsFrom({ backlog: 1 }).backlog, 1)
  for (const wrong of [0, 1.5, 2 ** 31, '1e3']) {
    assert.match(messageFor({ backlog: wrong }), /expected a whole number from 1 to 2147483647/)
  }
})

test('the mask is octal in text and a number in code', () => {
  const mask = (umask: number | string): number | null => settingsFrom({ umask }).umask
  assert.deepEqual([mask(0o027), mask('027'), mask('0027'), mask('0')], [0o027, 0o027, 0o027, 0])
  for (const wrong of ['8', '1000', 0o1000, -1, '0o27']) assert.match(messageFor({ umask: wrong }), /expected an octal number/)
})

test('the script name is empty, or segments that each begin with a slash', () => {
  for (const scriptName of ['', '/app', '/a/b', '/a-b_c~d.e', '/...', '/.well-known']) {
    assert.equal(settingsFrom({ scriptName }).scriptName, scriptName)
  }
  const shapes = ['/', 'app', '/app/', '//a', '/a//b', '/.', '/..', '/a/../b']
  for (const wrong of [...shapes, '/a b', '/a?b', '/a#b', '/a%20b', '/é', '/a\r\n']) {
    assert.match(messageFor({ scriptName: wrong }), /^scriptName \(constructor\): expected nothing, or a path/, wrong)
  }
})

test('the server software cannot split a response', () => {
  for (const serverSoftware of ['', 'x', 'my-server/1.0 (special)']) {
    assert.equal(settingsFrom({ serverSoftware }).serverSoftware, serverSoftware)
  }
  for (const wrong of ['a\r\nb', ' a', 'a ', 'é', 'a\0']) assert.match(messageFor({ serverSoftware: wrong }), /^serverSoftware/)
})

test('a choice is one of its names', () => {
  assert.equal(settingsFrom({ logFormat: 'json' }).logFormat, 'json')
  assert.equal(messageFor({ logFormat: 'xml' }), 'logFormat (constructor): expected readable or json; got "xml"')
})

test('addresses are one or several, text or a port', () => {
  assert.deepEqual(settingsFrom({ bind: 80 }).bind, [{ kind: 'tcp', host: '127.0.0.1', port: 80 }])
  assert.deepEqual(
    settingsFrom({ bind: [':1', 'unix:x'] }).bind,
    [{ kind: 'tcp', host: null, port: 1 }, { kind: 'unix', path: 'x' }],
  )
  for (const wrong of [[], ['x:y'], {}, [[':1']]]) {
    assert.match(messageFor({ bind: wrong }), /^bind \(constructor\): expected HOST:PORT/)
  }
})

test('a bad value is shown on one line, shortened', () => {
  assert.match(messageFor({ logLevel: `a\n${'b'.repeat(200)}` }), /; got "a\\nb{50,80}\.\.\.$/)
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  assert.match(messageFor({ logLevel: cycle }), /; got \[object Object\]$/)
})

test('the default of each setting, as text, is the default', () => {
  const settings = settingsFrom({})
  for (const name of settingNames) {
    const text = writtenValue(settings, name)
    if (text === null || name === 'config') continue
    const raw = table[name].many ? text.split(',') : text
    assert.deepEqual(settingsFrom({ [name]: raw } as SettingsParams)[name], settings[name], name)
  }
})
