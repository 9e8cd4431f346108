import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BadResponse } from '../support/raw-client.ts'
import { eventually, startWorkers, workplace } from '../support/workers.ts'

test('with --reload a saved source serves, a broken one answers with its error, and requests wait meanwhile', async () => {
  const cwd = workplace()
  const save = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
  save('part.ts', `export const text: string = 'one'`)
  save('dev.ts', `import { text } from './part.ts'
    export default (environ: object, start: (status: string, fields: []) => void) => { start('200 OK', []); return [Buffer.from(text)] }`)
  const server = await startWorkers(['--reload', 'dev.ts'], { cwd })
  // A request that overtakes the word to the old version gets its answer, or finds its connection closed with that version
  // before it was read; every other waits for the new one.
  const becomes = async (before: RegExp, after: RegExp): Promise<void> => {
    for (let asked = 0; asked < 500; asked++) {
      const body = await server.body('/').catch((error: unknown) => {
        if (error instanceof BadResponse || (error as NodeJS.ErrnoException).code === 'ECONNRESET') return null
        throw error
      })
      if (body === null) continue
      if (after.test(body)) return
      assert.match(body, before)
    }
    assert.fail(`no answer was like ${after.source}`)
  }
  assert.equal(await server.body('/'), 'one')
  save('part.ts', `export const text: string = 'two'`)
  await server.until(/part\.ts has changed: restarting/)
  await becomes(/^one$/, /^two$/)
  save('part.ts', `export const text: string = (`)
  await server.until(/has changed: restarting/, 2)
  await becomes(/^two$/, /SyntaxError.*part\.ts:1/s)
  assert.equal(await server.status('/'), 500)
  rmSync(join(cwd, 'part.ts'))
  await server.until(/has changed: restarting/, 3)
  await becomes(/SyntaxError/, /Cannot find module.*part\.ts/s)
  save('part.ts', `export const text: string = 'three'`)
  await eventually(async () => await server.body('/') === 'three', () => 'the mended version')
  assert.equal(server.children().length, 1)
  assert.equal((await server.stop('SIGTERM')).code, 0)
})

test('with --reload a version that cannot be loaded at the first start is answered with its error, also where it exits', async () => {
  const cwd = workplace()
  writeFileSync(join(cwd, 'dev.mjs'), 'process.exit(5)')
  const server = await startWorkers(['--reload', 'dev.mjs'], { cwd })
  assert.match(await server.body('/'), /ended with exit code 5/)
  writeFileSync(join(cwd, 'dev.mjs'), `export { default } from './app.mjs'`)
  await eventually(async () => await server.body('/') === 'hello', () => 'the mended version')
  await server.stop()
})
