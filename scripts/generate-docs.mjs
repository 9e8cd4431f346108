/** Writes the pages of docs/ that are generated from tables in the source. Needs a build. */
import { writeFile } from 'node:fs/promises'
import { settingsPage } from '../dist/config/settings-page.js'
import { errorsPage } from '../dist/http/causes-page.js'
import { signalsPage } from '../dist/process/signals-page.js'

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
