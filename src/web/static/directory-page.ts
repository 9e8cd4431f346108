/** What is in a directory, as a page. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Html } from '../content/html.ts'
import { HtmlDocument } from '../content/html-document.ts'
import { safe } from '../content/safe-markup.ts'
import { isHidden, type PathRules } from './file-path.ts'

const style = ':root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}' +
  'ul{list-style:none;padding:0}a{text-decoration:none}a:hover{text-decoration:underline}'

/**
 * Folders first, by name; hidden names and what is neither file nor directory are left out.
 * @param directory on disk; @param path as it is shown
 * @throws what the system says
 */
export async function directoryPage(directory: string, path: string, rules: PathRules): Promise<HtmlDocument> {
  const entries = (await readdir(directory, { withFileTypes: true })).filter(({ name }) => !isHidden(name, rules))
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${name}/`)
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  const page = new HtmlDocument({ title: `Index of ${path}`, attributes: { lang: 'en' } })
  page.head.addMeta({ name: 'viewport', content: 'width=device-width, initial-scale=1' })
  page.head.embeddedCss.append(safe(style))
  const names = [...(path === '/' ? [] : ['../']), ...folders.sort(), ...files.sort()]
  page.body.append(new Html('h1', `Index of ${path}`)).append(new Html('ul', names.map(linkTo)))
  return page
}

/** Relative, and `./` before it, so that no name is taken for a scheme. */
function linkTo(name: string): Html {
  const path = name.split('/').map(encodeURIComponent).join('/')
  return new Html('a', { href: name === '../' ? name : `./${path}` }, name)
}

/** A directory on disk, by its path below the root. */
export function directoryAt(root: string, path: string): string {
  return join(root, ...path.split('/'))
}
