import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadModule } from '../../src/app/load-module.ts'
import { readSettings } from '../../src/config/read-settings.ts'

const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'pulsar-config-')))
after(() => rmSync(cwd, { recursive: true }))

test('a config file in TypeScript is read, by default and by name', async () => {
  const source = (port: number): string => `
    enum Port { Main = ${port} }
    export default async (): Promise<{ bind: string }> => ({ bind: \`127.0.0.1:\${Port.Main}\` })`
  writeFileSync(join(cwd, 'pulsar.config.ts'), source(1))
  writeFileSync(join(cwd, 'other.config.mts'), source(2))
  const byDefault = await readSettings({ argv: [], env: {}, cwd, load: loadModule })
  const byName = await readSettings({ argv: ['-c', 'other.config.mts'], env: {}, cwd, load: loadModule })
  assert.deepEqual(byDefault.settings.bind, [{ kind: 'tcp', host: '127.0.0.1', port: 1 }])
  assert.deepEqual(byName.settings.bind, [{ kind: 'tcp', host: '127.0.0.1', port: 2 }])
  assert.equal(byName.sources.bind, 'file other.config.mts')
})

test('a syntax error in a config file is one line with its place', async () => {
  writeFileSync(join(cwd, 'bad.ts'), 'export default {\n  bind: ,\n}\n')
  const place = `${join(cwd, 'bad.ts')}:2:9`
  await assert.rejects(
    readSettings({ argv: ['-c', 'bad.ts'], env: {}, cwd, load: loadModule }),
    { name: 'SettingsError', message: `config (file bad.ts): cannot be loaded: SyntaxError: Unexpected token (${place})` },
  )
})
