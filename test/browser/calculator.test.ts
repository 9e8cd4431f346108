import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCommand } from '../support/start-command.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser
const server = skip === false ? await startCommand(['examples/calculator/app.ts', '-b', '127.0.0.1:0', '-w', '0']) : undefined
const address = server?.address ?? ''

for (const way of ['http', 'ws'] as const) {
  test(`the page calculates, says what is wrong and draws, by ${way}`, { skip }, async () => {
    const { page, complaints } = await openPage()
    await page.goto(`${address}/`)
    await page.getByLabel('Calls go by').selectOption(way)
    const result = page.locator('#result')
    await page.getByRole('button', { name: 'Calculate' }).click()
    await page.getByText('6 × 7 = 42').waitFor()
    assert.equal(await result.textContent(), '42')
    await page.getByLabel('Operation').selectOption('divide')
    await page.getByLabel('Second number').fill('0')
    await page.getByRole('button', { name: 'Calculate' }).click()
    await page.getByText('The server says: division by zero').waitFor()
    await page.getByLabel('Second number').fill('1,5')
    await page.keyboard.press('Enter')
    await page.getByText('6 ÷ 1.5 = 4').waitFor()
    await page.getByRole('spinbutton', { name: 'Walks' }).fill('7')
    await page.getByRole('button', { name: 'Draw' }).click()
    await page.locator('#chart polyline').nth(6).waitFor({ state: 'attached' })
    assert.equal(await page.locator('#chart polyline').count(), 7)
    assert.deepEqual(complaints, [])
  })
}

test('the page fits wide and narrow screens, in light and dark', { skip }, async () => {
  const grounds = new Set<string>()
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      const { page, complaints } = await openPage({ colorScheme, viewport: { width, height: 900 } })
      await page.goto(`${address}/`)
      await page.getByText(/Answered by process \d+/).waitFor()
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, 'nothing is wider than the screen')
      grounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor') as string)
      assert.deepEqual(complaints, [])
    }
  }
  assert.equal(grounds.size, 2)
})
