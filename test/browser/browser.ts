/** A real browser that is installed on the system, for pages as people see them. */
import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable']
const program = programs.find((path) => existsSync(path))

/** Why tests that need it are skipped; false where it is there. */
export const withoutBrowser: string | false = program === undefined ? `no browser at ${programs.join(', ')}: apt-get install chromium` : false

let browser: Promise<Browser> | undefined

/** A page with nothing kept from another, and all that went wrong on it, as its console has it. */
export async function openPage(options: BrowserContextOptions = {}): Promise<{ readonly page: Page, readonly complaints: readonly string[] }> {
  browser ??= chromium.launch({ executablePath: program as string, args: ['--no-sandbox', '--disable-gpu'] })
  const context = await (await browser).newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()) })
  page.on('pageerror', (error) => { complaints.push(String(error)) })
  return { page, complaints }
}

after(async () => {
  await (await browser)?.close()
})
