import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { printableConfig } from '../../src/config/printable-config.ts'
import { readSettings } from '../../src/config/read-settings.ts'
import { settingNames } from '../../src/config/table.ts'

test('the printed config has a line for each setting with its value, its source, and its default where that is another', async () => {
  const config = await readSettings({
    argv: ['-b:80', '-bunix:/x', '--limit-request-body=5M'], env: { PULSAR_UMASK: '27' }, cwd: tmpdir(), load: async () => ({}),
  })
  const lines = printableConfig(config).trimEnd().split('\n')
  assert.equal(lines.length, settingNames.length)
  const columns = new Map(lines.map((line) => line.split(/\s{2,}/)).map(([name, ...rest]) => [name, rest]))
  assert.deepEqual(columns.get('bind'), [':80,unix:/x', 'command line', 'default 127.0.0.1:8060'])
  assert.deepEqual(columns.get('limitRequestBody'), ['5M', 'command line', 'default 0'])
  assert.deepEqual(columns.get('umask'), ['027', 'environment PULSAR_UMASK', 'default (not set)'])
  assert.deepEqual(columns.get('scriptName'), ['(empty)', 'default'])
  assert.deepEqual(columns.get('logFile'), ['(not set)', 'default'])
})
