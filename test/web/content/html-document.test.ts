import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Html } from '../../../src/web/content/html.ts'
import { HtmlDocument } from '../../../src/web/content/html-document.ts'
import { Media } from '../../../src/web/content/media.ts'
import { safe } from '../../../src/web/content/safe-markup.ts'

test('a page has doctype, charset, title, head and body in their order', async () => {
  const page = new HtmlDocument({ title: 'A & B', attributes: { lang: 'en' } })
  page.head.addMeta({ name: 'description', content: 'x' })
  page.head.links.append('site')
  page.head.embeddedCss.append(safe('p{}'))
  page.head.embeddedJs.append(safe('f()'))
  page.head.scripts.append('site')
  page.head.append(new Html('base', { href: '/' }))
  page.body.append(new Html('p', 'hi'))
  assert.equal(await page.render(),
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>A &amp; B</title><meta content="x" name="description">' +
    '<link href="/media/site.css" rel="stylesheet"><style>p{}</style><script>f()</script><script src="/media/site.js"></script>' +
    '<base href="/"></head><body><p>hi</p></body></html>')
})

test('parts of the body may add to the head, also those that are promised', async () => {
  const page = new HtmlDocument({ title: 'x' })
  const part = new Html('p', 'a')
  part.beforeRender(() => { page.head.scripts.append('early.js') })
  const late = new Promise<Html>((resolve) => {
    setImmediate(() => {
      const html = new Html('p', 'b')
      html.beforeRender(() => { page.head.scripts.append('late.js') })
      resolve(html)
    })
  })
  page.body.append(part).append(late)
  assert.match(await page.render(), /early\.js.*late\.js.*<\/head><body><p>a<\/p><p>b<\/p><\/body>/)
})

test('the head is sent before an async iterable of the body is asked for anything', async () => {
  const page = new HtmlDocument({ title: 'x' })
  let asked = false
  async function* slow(): AsyncGenerator<Html> {
    asked = true
    yield new Html('p', 'slow')
  }
  page.body.append(slow())
  const stream = page.stream()
  assert.match((await stream.next()).value as string, /<\/head><body>$/)
  assert.equal(asked, false)
  assert.equal((await stream.next()).value, '<p>slow</p>')
})

test('what comes too late for the head is an error, not lost', async () => {
  const page = new HtmlDocument({ title: 'x' })
  async function* slow(): AsyncGenerator<string> {
    page.head.scripts.append('late.js')
    yield 'x'
  }
  page.body.append(slow())
  await assert.rejects(page.render(), /too late/)
})

test('meta elements are read and replaced', () => {
  const { head } = new HtmlDocument()
  head.addMeta({ name: 'robots', content: 'all' }).replaceMeta('robots', 'none').replaceMeta('og:title', 'T', 'property')
  assert.equal(head.getMeta('robots'), 'none')
  assert.equal(head.getMeta('og:title', 'property'), 'T')
  assert.equal(head.getMeta('nothing'), undefined)
  assert.equal(head.meta.children.length, 2)
})

test('links and scripts are there once, with the attributes they were given', async () => {
  const page = new HtmlDocument({ mediaPath: '/static/' })
  page.head.links.append('a.css').append('a.css').append('icon.png', { rel: 'icon', type: 'image/png' })
  page.head.scripts.append('m.js', { type: 'module' }).append('m.js', { type: 'module' })
  assert.equal(page.head.links.children.length, 2)
  assert.match(await page.render(), /<link href="\/static\/a\.css" rel="stylesheet"><link href="\/static\/icon\.png" rel="icon" type="image\/png"><script src="\/static\/m\.js" type="module"><\/script>/)
})

test('what RequireJS is to load is configured before the scripts', async () => {
  const page = new HtmlDocument({ minified: true })
  page.head.scripts.require.push('app</script>')
  page.head.scripts.paths['app'] = '/js/app'
  page.head.scripts.append('require')
  assert.match(await page.render(), /<script>var require = \{"deps":\["app\\u003c\/script>"\],"paths":\{"app":"\/js\/app"\},"baseUrl":"\/media\/","minify":true,"waitSeconds":200\}<\/script><script src="\/media\/require\.min\.js">/)
})

test('the media path of a head is that of its links and scripts', async () => {
  const page = new HtmlDocument()
  page.head.mediaPath = '/m'
  page.title = 'T'
  page.head.links.append('a')
  page.head.scripts.append('b')
  assert.match(await page.render(), /<title>T<\/title><link href="\/m\/a\.css".*src="\/m\/b\.js"/)
})

test('paths become URLs: relative ones below the media path, others as they are', () => {
  const media = new Media('.js', { minified: true, assetProtocol: 'https:' })
  assert.equal(media.absolutePath('a'), '/media/a.min.js')
  assert.equal(media.absolutePath('a', { minify: false }), '/media/a.js')
  assert.equal(media.absolutePath('a.js?v=1'), '/media/a.js?v=1')
  assert.equal(media.absolutePath('lib/?x'), '/media/lib/?x')
  assert.equal(media.absolutePath('/a'), '/a')
  assert.equal(media.absolutePath('https://cdn.example/a'), 'https://cdn.example/a')
  assert.equal(media.absolutePath('//cdn.example/a'), 'https://cdn.example/a')
  assert.ok(media.isRelative('a'))
  assert.ok(!media.isRelative('data:x'))
})

test('no document without a title is empty of one', async () => {
  assert.equal(await new HtmlDocument().render(), '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title></title></head><body></body></html>')
})
