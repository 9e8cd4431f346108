/** Every case of summerwind/h2spec against the real server; those that it fails are explained in docs/http2.md. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { WSGIApplication } from '../../src/gateway/wsgi.ts'
import { projectRoot } from '../support/project.ts'
import { ServedApplication } from '../support/served-application.ts'

/** As the page has them: section, then the case's text. */
const explained: readonly string[] = [...readFileSync(join(projectRoot, 'docs', 'http2.md'), 'utf8').matchAll(/^\| ([\d.]+) \| (.*?) \| .* \|$/gm)]
  .map(([, section, name]) => `${section} ${name}`)

const found = spawnSync(process.execPath, [join(projectRoot, 'scripts', 'h2spec.mjs')], { encoding: 'utf8' })
const missing = found.status !== 0 && found.stderr.trim().replace('pulsar: ', '')

const hello: WSGIApplication = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('Hello World!')]
}

test('h2spec finds nothing that is not explained', { skip: missing }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pulsar-h2spec-'))
  const report = join(directory, 'report.xml')
  {
    await using served = await ServedApplication.start(hello, { http2: 'on' })
    const tester = spawn(found.stdout.trim(), ['-h', '127.0.0.1', '-p', String(served.port), '-o', '1', '-j', report], { stdio: 'ignore' })
    await once(tester, 'exit')
    assert.equal((await served.get('/')).status, 200)
  }
  const text = readFileSync(report, 'utf8')
  rmSync(directory, { recursive: true })
  const cases = [...text.matchAll(/<testcase package="[^/"]*\/([^"]*)" classname="([^"]*)"[^>]*>([^]*?)<\/testcase>/g)]
  assert.ok(cases.length > 90, `${cases.length} cases`)
  const failures = cases.filter(([, , , outcome = '']) => /<(?:failure|error)/.test(outcome))
    .map(([, section, name = '']) => `${section} ${name.replaceAll('&#34;', '"').replaceAll('&quot;', '"')}`)
  assert.deepEqual(failures.filter((failure) => !explained.includes(failure)), [])
})

test('the page explains some cases', () => {
  assert.ok(explained.length > 0)
})
