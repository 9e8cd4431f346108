/** The debug page in HTML: one document without a script, an image or anything from elsewhere. */
import type { RequestHead } from '../http/request-head.ts'
import { environRows, requestLine, type DebugFacts } from './debug-facts.ts'
import { debugStyle } from './debug-style.ts'
import { reportError, type ErrorReport } from './error-report.ts'
import { escapeHtml } from './html-text.ts'
import { nodeCrypto } from './node-crypto.ts'
import type { Frame } from './stack-frames.ts'

/** Content-Security-Policy: the page's own style and nothing else, should the escaping ever fail. */
export const debugPolicy = (): string =>
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  `style-src 'sha256-${nodeCrypto().createHash('sha256').update(debugStyle).digest('base64')}'`

/**
 * @param status code and reason
 * @returns the document; every text in it is escaped
 */
export function debugHtml(status: string, head: RequestHead | undefined, facts: DebugFacts): string {
  const reports = reportError(facts.error)
  const title = reports[0] === undefined ? status : `${reports[0].name}: ${reports[0].message}`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${escapeHtml(title.slice(0, 200))}</title>`,
    `<style>${debugStyle}</style>`,
    '</head>',
    '<body>',
    '<header>',
    `<p class="status">${escapeHtml(status)}</p>`,
    head === undefined ? '' : `<p class="request"><code>${escapeHtml(requestLine(head))}</code></p>`,
    '</header>',
    '<main>',
    ...reports.map(errorHtml),
    facts.environ === undefined ? '' : environHtml(facts.environ),
    '</main>',
    '<footer>This page is shown because <code>debug</code> is on. Without it clients get the status alone.</footer>',
    '</body>',
    '</html>',
    ''
  ]
    .filter((line, index, all) => line !== '' || index === all.length - 1)
    .join('\n')
}

function errorHtml(report: ErrorReport): string {
  const relation = report.relation === '' ? '' : `<p class="relation">${report.relation}</p>`
  const heading = report.relation === '' ? 'h1' : 'h2'
  const first = report.frames.findIndex((frame) => frame.excerpt.length > 0)
  const properties = report.properties.length === 0 ? '' : table(report.properties)
  return (
    `<section class="error">${relation}<${heading}><span class="name">${escapeHtml(report.name)}</span> ` +
    `<span class="message">${escapeHtml(report.message)}</span></${heading}>${properties}` +
    `<ol class="frames">${report.frames.map((frame, index) => frameHtml(frame, index === first)).join('')}</ol></section>`
  )
}

/** The first place that has source is open: it is where to look. */
function frameHtml(frame: Frame, open: boolean): string {
  const kind = frame.foreign ? ' class="foreign"' : ''
  const text = `<code>${escapeHtml(frame.text)}</code>`
  if (frame.excerpt.length === 0) return `<li${kind}>${text}</li>`
  const lines = frame.excerpt.map(({ number, text: source }) => {
    const here = number === frame.line ? ' here' : ''
    return `<span class="line${here}"><span class="number">${number}</span>${escapeHtml(source)}\n</span>`
  })
  return `<li${kind}><details${open ? ' open' : ''}><summary>${text}</summary><pre>${lines.join('')}</pre></details></li>`
}

function environHtml(environ: Readonly<Record<string, unknown>>): string {
  return `<section><h2>Environ</h2>${table(environRows(environ))}</section>`
}

function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const cells = rows.map(([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`)
  return `<div class="scroll"><table>${cells.join('')}</table></div>`
}
