/** The files of the dashboard, as the package brings them: what a browser gets is what is written there. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

interface PageFile {
  readonly type: string
  read(): Promise<Buffer>
}

const SCRIPT = 'text/javascript; charset=utf-8'
const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8', 'dashboard.css': 'text/css; charset=utf-8', 'icon.svg': 'image/svg+xml',
  'dashboard.js': SCRIPT, 'charts.js': SCRIPT, 'tables.js': SCRIPT, 'server.js': SCRIPT, 'text.js': SCRIPT,
}

export class PageFiles {
  /** Nothing but what comes from here, no script in the page, and no frame around it. */
  readonly policy: string = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  private readonly directory: string

  constructor() {
    this.directory = join(dirname(createRequire(import.meta.url).resolve('pulsar-wsgi/package.json')), 'dashboard')
  }

  /** Undefined where the path is none of the page's. */
  find(path: string): PageFile | undefined {
    const name = path === '/' ? 'index.html' : path.slice(1)
    const type = Object.hasOwn(TYPES, name) && name !== path ? TYPES[name] : undefined
    return type === undefined ? undefined : { type, read: () => readFile(join(this.directory, name)) }
  }
}
