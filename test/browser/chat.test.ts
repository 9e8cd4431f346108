import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { projectRoot } from '../support/project.ts'
import { isRunning, startWorkers } from '../support/workers.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser
const server = skip === false ? await startWorkers(['examples/chat/app.ts', '-w', '2'], { cwd: projectRoot }) : undefined
const address = server?.address ?? ''

interface Visitor {
  readonly page: Page
  readonly complaints: readonly string[]
  /** The process that the page is connected to. */
  worker(): Promise<number>
  say(text: string): Promise<void>
  texts(): Promise<string[]>
  hears(text: string): Promise<void>
}

async function visitor(name: string, room: string = '', options: BrowserContextOptions = {}): Promise<Visitor> {
  const { page, complaints } = await openPage(options)
  await page.goto(`${address}/#${room}`)
  const connected = page.getByText(/^Connected to process \d+$/)
  await connected.waitFor()
  await page.getByLabel('Your name').fill(name)
  return {
    page, complaints,
    async worker() {
      await connected.waitFor()
      return Number((await connected.textContent())?.match(/\d+/)?.[0])
    },
    async say(text) {
      await page.getByLabel('Message', { exact: true }).fill(text)
      await page.keyboard.press('Enter')
    },
    texts: () => page.locator('#log .text').allTextContents(),
    hears: (text) => page.locator('#log .text', { hasText: text }).first().waitFor(),
  }
}

async function onTwoWorkers(room: string): Promise<[Visitor, Visitor]> {
  const ann = await visitor('Ann', room)
  for (;;) {
    const bob = await visitor('Bob', room)
    if (await bob.worker() !== await ann.worker()) return [ann, bob]
    await bob.page.close()
  }
}

test('two browsers at two workers talk to one another', { skip }, async () => {
  const [ann, bob] = await onTwoWorkers('talk')
  await ann.page.getByText('Nobody has said anything here yet.').waitFor()
  await ann.say('hello, Bob')
  await bob.hears('hello, Bob')
  await bob.say('hello, Ann <img src=x onerror=alert(1)>\nand a second line')
  await ann.hears('and a second line')
  for (const { page, texts, complaints } of [ann, bob]) {
    assert.deepEqual(await texts(), ['hello, Bob', 'hello, Ann <img src=x onerror=alert(1)>\nand a second line'])
    assert.deepEqual(await page.locator('#log .by b').allTextContents(), ['Ann', 'Bob'])
    assert.equal(await page.locator('#log img').count(), 0)
    await page.locator('#log .unsaved').waitFor({ state: 'detached' })
    assert.deepEqual(complaints, [])
  }
})

test('a room is opened by its name, is in everybody\'s list, and has what was said before', { skip }, async () => {
  const ann = await visitor('Ann')
  const bob = await visitor('Bob')
  await ann.page.getByLabel('Another room').fill('tea & cake')
  await ann.page.keyboard.press('Enter')
  await ann.page.getByRole('heading', { name: 'tea & cake' }).waitFor()
  await ann.say('milk first')
  await bob.page.getByRole('link', { name: 'tea & cake' }).click()
  await bob.hears('milk first')
  assert.equal(await bob.page.title(), 'tea & cake · Chat on Pulsar')
  await bob.page.goBack()
  await bob.page.getByRole('heading', { name: 'lobby' }).waitFor()
  await bob.page.locator('#log .text', { hasText: 'milk first' }).waitFor({ state: 'detached' })
})

test('the name is kept, and what is refused is given back', { skip }, async () => {
  const ann = await visitor('Ann of Green Gables', 'kept')
  await ann.say('here')
  await ann.page.reload()
  await ann.hears('here')
  assert.equal(await ann.page.getByLabel('Your name').inputValue(), 'Ann of Green Gables')
  // At once: typed one by one, what is given back would come into what is being typed.
  await ann.page.evaluate(`for (let i = 0; i < 40; i++) {
    document.querySelector('#text').value = 'flood ' + i
    document.querySelector('#say').requestSubmit()
  }`)
  await ann.page.getByText('That was too fast.').waitFor()
  assert.match(await ann.page.getByLabel('Message', { exact: true }).inputValue(), /^flood \d+$/)
})

test('the worker of one is killed: the page comes back, and neither misses nor loses anything', { skip }, async () => {
  const [ann, bob] = await onTwoWorkers('killed')
  await ann.say('before')
  await bob.hears('before')
  const victim = await ann.worker()
  process.kill(victim, 'SIGKILL')
  await ann.page.getByText('Connection lost, trying again').waitFor()
  await bob.say('while Ann is away')
  await ann.say('said by Ann while she is away')
  await bob.hears('said by Ann while she is away')
  assert.notEqual(await ann.worker(), victim)
  await ann.hears('while Ann is away')
  assert.ok(!isRunning(victim))
  await bob.say('after')
  await ann.hears('after')
  await ann.page.locator('#log .unsaved').waitFor({ state: 'detached' })
  const everything = ['after', 'before', 'said by Ann while she is away', 'while Ann is away']
  assert.deepEqual((await ann.texts()).sort(), everything)
  assert.deepEqual(await ann.texts(), await bob.texts())
})

test('many messages stay in sight at the end, and leave a reader of old ones where he is', { skip }, async () => {
  const [ann, bob] = await onTwoWorkers('long')
  for (let i = 0; i < 25; i++) await bob.say(`line ${i}\n\n\n`)
  await ann.hears('line 24')
  const fromEnd = 'document.querySelector("#scroll").scrollHeight - document.querySelector("#scroll").scrollTop - document.querySelector("#scroll").clientHeight'
  assert.ok(await ann.page.evaluate(fromEnd) as number < 2)
  await ann.page.evaluate('document.querySelector("#scroll").scrollTo({ top: 0, behavior: "instant" })')
  await bob.say('and one more')
  await ann.page.getByRole('button', { name: 'New messages' }).click()
  assert.ok(await ann.page.evaluate(fromEnd) as number < 2)
})

test('the page fits wide and narrow screens, in light and dark', { skip }, async () => {
  const grounds = new Set<string>()
  const writer = await visitor('Ann', 'widths')
  await writer.say(`a word that has no end: ${'x'.repeat(400)}`)
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 320]) {
      const { page, hears, complaints } = await visitor('Bob', 'widths', { colorScheme, viewport: { width, height: 700 } })
      await hears('a word that has no end')
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, 'nothing is wider than the screen')
      assert.equal(await page.evaluate('document.documentElement.scrollHeight'), 700, 'only what was said scrolls')
      for (const label of ['Message', 'Your name', 'Another room']) assert.ok(await page.getByLabel(label, { exact: true }).isVisible(), `${label} at ${width}`)
      grounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor') as string)
      assert.deepEqual(complaints, [])
    }
  }
  assert.equal(grounds.size, 2)
})
