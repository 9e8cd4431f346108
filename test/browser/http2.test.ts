/** Chromium over HTTP/2: it offers it over TLS, and has many requests of a page under way on one connection. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fromFetch } from '../../src/gateway/adapters/index.ts'
import { makeCertificate, writeCertificate } from '../support/certificates.ts'
import { ServedApplication } from '../support/served-application.ts'
import { openPage, withoutBrowser } from './browser.ts'

const directory = mkdtempSync(join(tmpdir(), 'pulsar-browser-http2-'))
after(() => rmSync(directory, { recursive: true }))

test('a page, sixty answers at once and a body that goes up come by HTTP/2', { skip: withoutBrowser }, async () => {
  const files = writeCertificate(directory, 'server', makeCertificate({ name: 'localhost', hosts: ['localhost'] }))
  await using served = await ServedApplication.start(fromFetch(async (request) => {
    const { pathname } = new URL(request.url)
    if (request.method === 'POST') return new Response(String((await request.arrayBuffer()).byteLength))
    if (pathname === '/') return new Response('<!doctype html><title>two</title><link rel="icon" href="data:,">', { headers: { 'Content-Type': 'text/html' } })
    return new Response(pathname)
  }), files)
  const { page, complaints } = await openPage({ ignoreHTTPSErrors: true })
  await page.goto(`https://localhost:${served.port}/`)
  const seen = await page.evaluate(async () => {
    const paths = Array.from({ length: 60 }, (_, i) => `/${i}`)
    const texts = await Promise.all(paths.map(async (path) => (await fetch(path)).text()))
    const sent = await (await fetch('/up', { method: 'POST', body: new Uint8Array(1_000_000) })).text()
    const protocols = performance.getEntries().map((entry) => (entry as { nextHopProtocol?: string }).nextHopProtocol).filter((one) => one !== undefined && one !== '')
    return { same: texts.join() === paths.join(), sent, protocols: [...new Set(protocols)] }
  })
  assert.deepEqual(seen, { same: true, sent: '1000000', protocols: ['h2'] })
  assert.deepEqual(complaints, [])
  await page.context().close()
})
