import assert from 'node:assert/strict'
import { test } from 'node:test'
import { helpText } from '../../src/config/help-text.ts'
import { flagOf } from '../../src/config/names.ts'
import { settingsFrom } from '../../src/config/settings-from.ts'
import { sections, settingNames } from '../../src/config/table.ts'

const help = helpText({ program: 'pulsar', usage: 'command', settings: settingsFrom({}) })

test('the help has every option once, each with a default, and every section', () => {
  for (const name of settingNames) {
    const entries = help.split('\n').filter((line) => line.split(/[\s,]+/).slice(1, 3).includes(flagOf(name)))
    assert.equal(entries.length, 1, name)
  }
  for (const { title } of sections) assert.ok(help.includes(`\n${title}:\n`), title)
  assert.equal(help.match(/\[[^\]]+\](?=\n)/g)?.length, settingNames.length)
  const asking = ['-h, --help', '-V, --version', '--check-config', '--print-config']
  for (const flag of asking) assert.ok(help.includes(`${flag} `), flag)
})

test('no line of the help is longer than 88 characters or ends in a space', () => {
  for (const line of help.split('\n')) assert.ok(line.length <= 88 && !/\s$/.test(line), line)
})

test('the help of the command explains TARGET, that of a script does not', () => {
  assert.match(help, /^Usage: pulsar \[options\] TARGET\n/)
  assert.match(help, /\nTARGET is /)
  const script = helpText({ program: 'node hello.ts', usage: 'script', settings: settingsFrom({}) })
  assert.match(script, /^Usage: node hello\.ts \[options\]\n/)
  assert.doesNotMatch(script, /\nTARGET is /)
})

test('the help of a script shows the script\'s own values as the defaults', () => {
  const settings = settingsFrom({ bind: ':9999', scriptName: '/app' })
  const script = helpText({ program: 'node hello.ts', usage: 'script', settings })
  assert.match(script, /\[:9999\]/)
  assert.match(script, /\[\/app\]/)
})
