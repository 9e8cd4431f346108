// Puts the hundreds of modules that the compiler has written to dist/ together in a few dozen files: to find, read and link each
// costs Node half a millisecond, and every worker starts so. Nothing is made shorter or renamed; the .d.ts files stay as they are.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { rollup } from '@rollup/wasm-node'
import { filesBelow, root } from './ensure.mjs'

const dist = join(root, 'dist')
const modules = filesBelow(dist).filter((file) => file.endsWith('.js') && !file.startsWith(join(dist, 'chunks')))
const nameOf = (file) => relative(dist, file).slice(0, -'.js'.length).split(sep).join('/')

const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const published = [exports, bin].flatMap(paths).filter((path) => path.endsWith('.js')).map((path) => join(root, path))
// What finds another module by its own place must keep it, and the other one too.
const placed = modules.flatMap((file) => {
  const code = readFileSync(file, 'utf8')
  const besides = [...code.matchAll(/'(\.\/[\w-]+\.js)', import\.meta\.url/g)].map(([, path]) => join(dirname(file), path))
  const uses = code.split('import.meta.url').length - code.split('createRequire(import.meta.url)').length
  if (uses !== besides.length) throw new Error(`${nameOf(file)}: import.meta.url is for createRequire(), or behind './a-module.js', which keeps its place`)
  return besides.length === 0 ? [] : [file, ...besides]
})

const bundle = await rollup({
  input: Object.fromEntries(published.map((file) => [nameOf(file), file])),
  plugins: [{
    name: 'compiled',
    load: (id) => (modules.includes(id) ? { code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') } : null),
    buildStart() {
      for (const id of placed) this.emitFile({ type: 'chunk', id, fileName: `${nameOf(id)}.js`, preserveSignature: 'allow-extension' })
    },
  }],
  external: (id) => !id.startsWith('.') && !id.startsWith(root),
  onLog: (level, log) => {
    // The compiler's own helpers ask for a `this` that modules have not.
    if (level === 'warn' && log.code !== 'THIS_IS_UNDEFINED') throw new Error(log.message)
  },
})
const { output } = await bundle.generate({ dir: dist, format: 'es', chunkFileNames: 'chunks/[name].js', experimentalMinChunkSize: 8000, sourcemap: true })
await bundle.close()
rmSync(join(dist, 'chunks'), { recursive: true, force: true })
for (const file of modules) for (const part of [file, `${file}.map`]) rmSync(part)
for (const { fileName, type, code, source } of output) {
  const file = join(dist, fileName)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, type === 'chunk' ? code : source)
}

/** The paths in a part of package.json. */
function paths(part) {
  return typeof part === 'string' ? [part] : Object.values(part).flatMap(paths)
}
