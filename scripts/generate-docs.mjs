/** Writes the pages of docs/ that are generated from tables in the source. */
import { readFile, writeFile } from 'node:fs/promises'
import { compileTests, install, step } from './ensure.mjs'

await step(async () => {
  install()
  // Module by module, which dist/ is not.
  compileTests()
  const [{ gunicornTable }, { settingsPage }, { errorsPage }, { signalsPage }] = await Promise.all([
    import('../build/src/config/gunicorn/settings-table.js'), import('../build/src/config/settings-page.js'),
    import('../build/src/http/causes-page.js'), import('../build/src/process/signals-page.js'),
  ])
  await write('docs/settings.md', () => settingsPage())
  await write('docs/errors.md', () => errorsPage())
  await write('docs/signals.md', () => signalsPage())
  // A part of a page that people have written.
  await write('docs/migrating.md', (text) => {
    const part = /(<!-- Generated from [^]*?-->\n)[^]*?(<!-- End of what is generated\. -->)/
    if (!part.test(text)) throw new Error('docs/migrating.md has lost the comments around what is generated')
    return text.replace(part, (_, begin, end) => `${begin}\n${gunicornTable()}\n${end}`)
  })
})

/** @param text of the page, from what it is now */
async function write(path, text) {
  const page = new URL(`../${path}`, import.meta.url)
  await writeFile(page, text(await readFile(page, 'utf8')))
  console.log(path)
}
