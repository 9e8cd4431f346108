/**
 * A call tree as one HTML file that needs nothing else: width is time, a click makes a function the whole width,
 * the search marks names. Root on top.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchDirectory } from './paths.mjs'

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text) => text.replaceAll(/[&<>"]/g, (character) => escapes[character])

/** What is narrower than this part of the whole cannot be seen, nor clicked. */
const visible = 0.0005

/** `[name, place, self, total, children]`: the page's data, short. */
function compact({ name, place, self, total, children }, least) {
  return [name, place, self, total, children.filter((child) => child.total >= least).map((child) => compact(child, least))]
}

export function flameGraph(title, tree) {
  // `<` cannot stand in a script element as it is: a name might hold `</script`.
  const data = JSON.stringify(compact(tree, tree.total * visible)).replaceAll('<', '\\u003c')
  const page = readFileSync(join(benchDirectory, 'harness', 'flame-graph.html'), 'utf8')
  return page.replaceAll('@TITLE@', () => escaped(title)).replace('@DATA@', () => data)
}
