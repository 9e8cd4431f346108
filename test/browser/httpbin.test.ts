import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCommand } from '../support/start-command.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser
const server = skip === false ? await startCommand(['examples/httpbin/app.ts', '-b', '127.0.0.1:0', '-w', '0', '--debug']) : undefined
const address = server?.address ?? ''

test('the start page shows itself without a complaint, in light and dark, on wide and narrow screens', { skip }, async () => {
  const grounds = new Set<string>()
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 380]) {
      const { page, complaints } = await openPage({ colorScheme, viewport: { width, height: 900 } })
      await page.goto(`${address}/`)
      assert.equal(await page.title(), 'httpbin on Pulsar')
      assert.ok(await page.locator('.routes li').count() > 50)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, 'nothing is wider than the screen')
      grounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor') as string)
      assert.deepEqual(complaints, [])
    }
  }
  assert.equal(grounds.size, 2)
})

test('everything on the start page comes from the server itself', { skip }, async () => {
  const { page } = await openPage()
  const origins = new Set<string>()
  page.on('request', (request) => { origins.add(new URL(request.url()).origin) })
  await page.goto(`${address}/`, { waitUntil: 'networkidle' })
  assert.deepEqual([...origins], [address])
})

test('the start page is of use without scripts: every GET is a link, and nothing is there that does nothing', { skip }, async () => {
  const { page } = await openPage({ javaScriptEnabled: false })
  await page.goto(`${address}/`)
  assert.equal(await page.locator('button:visible, input:visible').count(), 0)
  await page.locator('.routes a', { hasText: '/uuid' }).click()
  assert.match(await page.content(), /[0-9a-f]{8}-[0-9a-f]{4}-4/)
})

test('the filter leaves the routes with all of its words', { skip }, async () => {
  const { page } = await openPage()
  await page.goto(`${address}/`)
  await page.getByLabel('Filter routes').fill('redirect absolute')
  assert.deepEqual(await page.locator('.routes li:visible code').allTextContents(), ['/absolute-redirect/times'])
  await page.getByLabel('Filter routes').fill('nothing of the kind')
  assert.ok(await page.getByText('No route is like that.').isVisible())
  await page.getByLabel('Filter routes').fill('')
  assert.ok(await page.locator('.routes li:visible').count() > 50)
})

test('a route is tried on the page, by any method and with another path', { skip }, async () => {
  const { page, complaints } = await openPage()
  await page.goto(`${address}/`)
  const answer = page.locator('#trial output')
  await page.getByLabel('Try GET /redirect/times').click()
  await answer.getByText('by way of redirects to /get').waitFor()
  await page.getByLabel('Try POST /post').click()
  await answer.getByText('PSR B1919+21').first().waitFor()
  await page.getByLabel('Path', { exact: true }).fill('/status/404')
  await page.getByLabel('Method', { exact: true }).selectOption('GET')
  await page.getByRole('button', { name: 'Send' }).click()
  await answer.getByText('404 Not Found').waitFor()
  await page.getByLabel('Path', { exact: true }).fill('/image/webp')
  await page.getByRole('button', { name: 'Send' }).click()
  await answer.locator('img').waitFor()
  assert.equal(await page.evaluate('(async (image) => { await image.decode(); return image.naturalWidth })(document.querySelector("#trial img"))'), 256)
  await page.getByRole('button', { name: 'Close' }).click()
  assert.equal(await page.locator('#trial').isVisible(), false)
  assert.deepEqual(complaints.filter((text) => !text.includes('404')), [])
})

test('each picture and the clip are what a browser can show', { skip }, async () => {
  const { page } = await openPage()
  await page.goto(`${address}/`)
  for (const path of ['image/png', 'image/jpeg', 'image/svg', 'image/webp', 'clip/4096', 'favicon.ico']) {
    const width = await page.evaluate(`(async () => { const image = new Image(); image.src = '${path}'; await image.decode(); return image.naturalWidth })()`)
    assert.ok(width as number >= 150, `${path}: ${String(width)}`)
  }
})

test('Basic and Digest satisfy a browser that knows the password', { skip }, async () => {
  const { page } = await openPage({ httpCredentials: { username: 'ada', password: 'engine' } })
  for (const path of ['basic-auth/ada/engine', 'digest-auth/auth/ada/engine', 'digest-auth/auth/ada/engine/SHA-256']) {
    const response = await page.goto(`${address}/${path}`)
    assert.equal(response?.status(), 200, path)
    assert.deepEqual(JSON.parse(await page.locator('pre').textContent() ?? ''), { authenticated: true, user: 'ada', username: 'ada' })
  }
})

test('a browser keeps the cookies that are set, and forgets those that are deleted', { skip }, async () => {
  const { page } = await openPage()
  const shown = async (path: string): Promise<unknown> => {
    await page.goto(`${address}${path}`)
    assert.equal(page.url(), `${address}/cookies`)
    return (JSON.parse(await page.locator('pre').textContent() ?? '') as { cookies: unknown }).cookies
  }
  assert.deepEqual(await shown('/cookies/set?taste=very%20sweet&shape=round'), { taste: 'very sweet', shape: 'round' })
  assert.deepEqual(await shown('/cookies/delete?taste'), { shape: 'round' })
})

test('the debug page shows where an application failed, and no complaint', { skip }, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints } = await openPage({ colorScheme, viewport: { width: 400, height: 800 } })
    await page.goto(`${address}/error?<script>alert(1)</script>`)
    assert.match(await page.locator('h1').textContent() ?? '', /this handler fails/)
    assert.match(await page.locator('h2').first().textContent() ?? '', /and this is why/)
    const [first] = await page.locator('details[open] .here').allTextContents()
    assert.match(first ?? '', /throw new Error\(/)
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 400)
    assert.deepEqual(complaints.filter((text) => !text.includes('500')), [])
  }
})

test('the graph is drawn by a WebSocket, pauses and goes on, in light and dark, wide and narrow', { skip }, async () => {
  for (const [colorScheme, width] of [['light', 1280], ['dark', 320]] as const) {
    const { page, complaints } = await openPage({ colorScheme, viewport: { width, height: 700 } })
    await page.goto(`${address}/websocket`)
    await page.getByText('2 graphs of 100 points').waitFor()
    const points = await page.locator('polyline').getAttribute('points')
    assert.equal(points?.split(' ').length, 100)
    await page.getByRole('button', { name: 'Pause' }).click()
    const drawn = await page.locator('#state').textContent()
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText(drawn ?? '', { exact: true }).waitFor({ state: 'detached' })
    assert.notEqual(await page.locator('polyline').getAttribute('points'), points)
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
    assert.deepEqual(complaints, [])
  }
})

test('the pages of errors and directories are good to read, in light and dark, wide and narrow', { skip }, async () => {
  for (const [path, heading] of [['/status/nothing-of-the-kind-and-a-long-one-at-that', 'Bad Request'], ['/nowhere', 'Not Found'], ['/media/', 'Index of /media/']] as const) {
    for (const [colorScheme, width, color] of [['light', 1280, 'rgb(0, 0, 0)'], ['dark', 320, 'rgb(255, 255, 255)']] as const) {
      const { page } = await openPage({ colorScheme, viewport: { width, height: 700 } })
      await page.goto(`${address}${path}`)
      await page.getByRole('heading', { name: heading }).waitFor()
      assert.equal(await page.evaluate('getComputedStyle(document.body).color'), color, path)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, path)
    }
  }
})
