/** Writes the pages of docs/ that are generated from tables in the source. */
import { readFile, writeFile } from 'node:fs/promises'
import { compileTests, install, step } from './ensure.mjs'

await step(async () => {
  install()
  // Module by module, which dist/ is not.
  compileTests()
})
const [{ gunicornTable }, { settingsPage }, { errorsPage }, { signalsPage }] = await Promise.all([
  import('../build/src/config/gunicorn/settings-table.js'), import('../build/src/config/settings-page.js'),
  import('../build/src/http/causes-page.js'), import('../build/src/process/signals-page.js'),
])

/** Each page with the function that gives its text. */
const pages = [
  ['docs/settings.md', settingsPage],
  ['docs/errors.md', errorsPage],
  ['docs/signals.md', signalsPage],
]

for (const [path, text] of pages) {
  await writeFile(new URL(`../${path}`, import.meta.url), text())
  console.log(path)
}

/** A part of a page that people have written. */
const page = new URL('../docs/migrating.md', import.meta.url)
const text = await readFile(page, 'utf8')
const part = /(<!-- Generated from [^]*?-->\n)[^]*?(<!-- End of what is generated\. -->)/
if (!part.test(text)) throw new Error('docs/migrating.md has lost the comments around what is generated')
await writeFile(page, text.replace(part, (_, begin, end) => `${begin}\n${gunicornTable()}\n${end}`))
console.log('docs/migrating.md')
