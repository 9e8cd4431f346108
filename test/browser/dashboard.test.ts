import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { PageFiles } from '../../src/observe/admin/page-files.ts'
import { AdminClient } from '../support/admin-client.ts'
import { projectRoot } from '../support/project.ts'
import { eventually, killLeft, startWorkers, workplace, type Workers } from '../support/workers.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser
const cwd = workplace()

async function served(...args: string[]): Promise<{ server: Workers, url: string }> {
  const server = await startWorkers(['--admin', '127.0.0.1:0', ...args], { cwd })
  return { server, url: `${String(AdminClient.of(server).address)}/` }
}

async function press(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('button', { name: 'Do it' }).click()
}

/** The page's policy leaves no way to wait in the page itself. */
async function becomes(page: Page, condition: string): Promise<void> {
  await eventually(async () => await page.evaluate(condition) === true, () => condition)
}

/** A path with something in it: two points at least. */
const drawn = (figure: string): string => `[...document.querySelectorAll('#${figure} path')].some((path) => /[LV]/.test(path.getAttribute('d')))`

test('every file of the page is one that the server gives', () => {
  const files = new PageFiles()
  for (const name of readdirSync(join(projectRoot, 'dashboard'))) assert.ok(files.find(`/${name}`) !== undefined, name)
  for (const path of ['/package.json', '/../package.json', '//index.html', '/constructor', '']) assert.equal(files.find(path), undefined, path)
  assert.doesNotMatch(readFileSync(join(projectRoot, 'dashboard', 'index.html'), 'utf8'), / style=| on\w+=|<script>/)
})

test('charts are drawn and rows follow, with what is slow and what fails', { skip }, async () => {
  const { server, url } = await served('-w', '2', '-t', '4', 'app.mjs')
  const { page, complaints } = await openPage()
  await page.goto(url)
  await page.getByText('serving', { exact: true }).waitFor()
  assert.equal(await page.locator('#workers tbody tr').count(), 2)
  const late = server.status('/slower')
  await page.locator('#running').getByText('GET /slower').waitFor()
  assert.equal(await late, 504)
  for (let i = 0; i < 20; i++) await server.body('/')
  await page.locator('#failed').getByText('application-timeout').waitFor()
  await page.locator('#slowest').getByText('GET /slower').waitFor()
  await server.status('/not-ready')
  await page.locator('#failed').getByText('answered 503').waitFor()
  await page.locator('#causes').getByText('answered 503').waitFor()
  for (const figure of ['throughput', 'latency', 'causes']) await becomes(page, drawn(figure))
  assert.match(await page.locator('#causes svg').getAttribute('aria-label') ?? '', /application-timeout/)
  await page.locator('#throughput .plot').hover()
  await page.getByText('Settings').click()
  await page.locator('#settings').getByText('command line').first().waitFor()
  assert.deepEqual(complaints, [])
  await server.stop()
})

test('a button asks first: what is confirmed is done, what is left is not', { skip }, async () => {
  const { server, url } = await served('-w', '1', 'app.mjs')
  const { page, complaints } = await openPage()
  await page.goto(url)
  await page.getByText('serving', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByRole('button', { name: 'Leave it' }).click()
  await press(page, 'Add a worker')
  await becomes(page, 'document.querySelectorAll("#workers tbody .ready").length === 2')
  assert.equal(server.times(/reload/), 0)
  await press(page, 'Reload')
  await page.getByText(/generation 2, 2 workers wanted/).waitFor()
  await server.until(/reloaded: 2 new workers serve/)
  await press(page, 'Remove a worker')
  await becomes(page, 'document.querySelectorAll("#workers tbody tr").length === 1')
  await press(page, 'Stacks')
  await page.getByText(/its event loop is free/).waitFor()
  await page.keyboard.press('Escape')
  assert.deepEqual(complaints, [])
  await server.stop()
})

test('it is used by keyboard alone', { skip }, async () => {
  const { server, url } = await served('-w', '1', 'app.mjs')
  const { page } = await openPage()
  await page.goto(url)
  await page.getByText('serving', { exact: true }).waitFor()
  const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent')
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'To the figures')
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'Reload')
  const becomesFocused = (text: string): Promise<void> => becomes(page, `document.activeElement.textContent === '${text}'`)
  await page.keyboard.press('Enter')
  await becomesFocused('Leave it')
  await page.keyboard.press('Escape')
  await becomesFocused('Reload')
  await page.keyboard.press('Enter')
  await becomesFocused('Leave it')
  await page.keyboard.press('Tab')
  await becomesFocused('Do it')
  await page.keyboard.press('Enter')
  await page.getByText(/generation 2/).waitFor()
  await server.stop()
})

test('a dead worker and one that is stuck are shown, and that the server has gone', { skip }, async () => {
  const { server, url } = await served('-w', '2', '-t', '0', 'app.mjs')
  const { page } = await openPage()
  await page.goto(url)
  await page.getByText('serving', { exact: true }).waitFor()
  const [victim] = server.children()
  process.kill(victim as number, 'SIGKILL')
  await page.getByText(new RegExp(`worker \\d \\(process ${victim}\\) ended with signal SIGKILL`)).waitFor()
  await becomes(page, 'document.querySelectorAll("#workers tbody .ready").length === 2')
  const stuck = server.status('/block').catch(() => 0)
  await page.locator('#workers').getByText('silent').waitFor()
  await press(page, 'Stacks')
  await page.getByText(/at blockTheLoop/).waitFor()
  const ended = server.stop('SIGQUIT')
  killLeft(server.children())
  await ended
  assert.equal(await stuck, 0)
  await page.getByText('not connected').waitFor()
})

test('a page that is not told the token shows nothing, and with it all', { skip }, async () => {
  const server = await startWorkers(['--admin', '127.0.0.1:0', '-w', '1', 'app.mjs'], { cwd, env: { PULSAR_ADMIN_TOKEN: 'correct-horse-battery' } })
  const { page } = await openPage()
  await page.goto(String(AdminClient.of(server).address))
  const field = page.locator('#token')
  await field.fill('a-wrong-one-12345')
  await page.keyboard.press('Enter')
  await eventually(async () => await field.inputValue() === '' && await field.isVisible(), () => 'the page to ask again')
  assert.equal(await page.locator('tbody tr').count(), 0)
  await field.fill('correct-horse-battery')
  await page.keyboard.press('Enter')
  await page.getByText('serving', { exact: true }).waitFor()
  assert.equal(await page.locator('#workers tbody tr').count(), 1)
  await press(page, 'Reload')
  await page.getByText(/generation 2/).waitFor()
  await server.stop()
})

test('the page fits wide and narrow screens, in light and dark', { skip }, async () => {
  const { server, url } = await served('-w', '2', 'app.mjs')
  const grounds = new Set<string>()
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      const { page, complaints } = await openPage({ colorScheme, viewport: { width, height: 800 } })
      await page.goto(url)
      await page.getByText('serving', { exact: true }).waitFor()
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, 'nothing is wider than the screen')
      grounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor') as string)
      assert.deepEqual(complaints, [])
    }
  }
  assert.equal(grounds.size, 2)
  await server.stop()
})
