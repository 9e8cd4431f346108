import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Html, htmlFactory } from '../../../src/web/content/html.ts'
import { Json } from '../../../src/web/content/json.ts'
import { safe } from '../../../src/web/content/safe-markup.ts'

test('text is escaped, markup only where it is marked safe', async () => {
  const html = new Html('p', '<script>', safe('<b>x</b>'), '&"\'')
  assert.equal(await html.render(), '<p>&lt;script&gt;<b>x</b>&amp;&quot;&#39;</p>')
})

test('what a promise or an iterable brings is escaped too', async () => {
  async function* late(): AsyncGenerator<string> {
    yield '<a>'
  }
  assert.equal(await new Html('p', Promise.resolve('<b>'), late(), ['<c>']).render(), '<p>&lt;b&gt;&lt;a&gt;&lt;c&gt;</p>')
})

test('attributes are sorted and escaped; true is one without a value, and nothing is none', async () => {
  const html = new Html('input', { type: 'text', value: '"<x>', disabled: true, checked: false, id: null, size: 3 })
  assert.equal(await html.render(), '<input disabled size="3" type="text" value="&quot;&lt;x&gt;">')
})

test('attributes are read and set by attr()', () => {
  const html = new Html('a', { href: '/x' })
  assert.equal(html.attr('href'), '/x')
  assert.equal(html.attr('title'), undefined)
  assert.equal(html.attr('title', 'T').attr({ rel: 'next' }).flatatt(), ' href="/x" rel="next" title="T"')
})

test('names that could end the name are refused', () => {
  for (const name of ['a b', 'a>', 'a=', 'a"', "a'", 'a/', '', 'a\n', 'a\0']) {
    assert.throws(() => new Html('p', { [name]: 'x' }), /no name of an attribute/, name)
  }
  for (const tag of ['p onclick', 'p>', '', '1p', '!--']) assert.throws(() => new Html(tag), /no name of an element/, tag)
})

test('a URL that would run code is replaced, unless marked safe', () => {
  const hrefOf = (href: string): unknown => new Html('a', { href }).attr('href')
  for (const url of ['javascript:alert(1)', 'JaVaScRiPt:x', ' java\nscript:x', '\x01javascript:x', 'vbscript:x', 'data:text/html,x']) {
    assert.equal(hrefOf(url), 'about:invalid', url)
  }
  for (const url of ['/javascript:x', 'https://a/', 'mailto:a@b', 'data:image/png;base64,AA', 'javascript', '?javascript:']) {
    assert.equal(hrefOf(url), url)
  }
  assert.equal(new Html('a', { href: safe('javascript:void 0') }).attr('href'), 'javascript:void 0')
})

test('an attribute that is code takes only what is marked safe', () => {
  assert.throws(() => new Html('p', { onclick: 'x()' }), /is code/)
  assert.throws(() => new Html('iframe', { srcdoc: '<b>' }), /is code/)
  assert.equal(new Html('p', { onclick: safe('x("a")') }).flatatt(), ' onclick="x(&quot;a&quot;)"')
})

test('classes are a set', () => {
  const html = new Html('p', { cn: 'a b', class: 'md:w-1/2' }).addClass('a c').removeClass('b')
  assert.equal(html.attr('class'), 'a md:w-1/2 c')
  assert.ok(html.hasClass('c'))
  assert.ok(!html.hasClass('b'))
})

test('css() sets properties, hide() and show() one of them', () => {
  const html = new Html('p', { css: { color: 'red', backgroundImage: 'url("a;b.png")' } }).hide()
  assert.equal(html.attr('style'), 'color:red;background-image:url("a;b.png");display:none')
  assert.equal(html.show().css('display'), undefined)
  assert.equal(html.css('color', null).css('--x', 1).css('--x'), '1')
})

test('a value of CSS stays a value', () => {
  const html = new Html('p')
  for (const value of ['red; top: 0', 'a}b', '"open', "it's", 'a(b', 'a)b', '\\3b', 'a/*b', 'url(a"b)']) {
    assert.throws(() => html.css('color', value), /no value of a CSS property/, value)
  }
  for (const value of ['calc(1px + (2px * (3 - 1)))', "'a;b'", 'url(data:image/png;base64,AA==)', '1px solid rgb(0, 0, 0)', '']) {
    assert.equal(html.css('color', value).css('color'), value)
  }
  for (const name of ['color;', 'a b', '']) assert.throws(() => html.css(name, 'x'), /no property of CSS/, name)
})

test('a long value of CSS is judged at once', () => {
  assert.throws(() => new Html('p').css('color', `${'(a'.repeat(50_000)}`), /no value/)
  assert.throws(() => new Html('p').css('color', `${'a'.repeat(100_000)}"`), /no value/)
})

test('data() is merged in depth and written as JSON where it is not text', () => {
  const html = new Html('p', { data: { userId: 7, options: { a: 1, b: { c: 2 } } } })
  html.data('options', { b: { d: 3 } }).data('name', 'x')
  assert.deepEqual(html.data('options'), { a: 1, b: { c: 2, d: 3 } })
  assert.equal(html.flatatt(), ' data-name="x" data-options="{&quot;a&quot;:1,&quot;b&quot;:{&quot;c&quot;:2,&quot;d&quot;:3}}" data-user-id="7"')
})

test('data from JSON does not reach the prototype', () => {
  new Html('p').data('x', {}).data('x', JSON.parse('{"__proto__":{"polluted":1}}'))
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('void elements have no end tag and no content', async () => {
  assert.equal(await new Html(null, new Html('br'), new Html('img', { src: '/a.png' })).render(), '<br><img src="/a.png">')
  await assert.rejects(new Html('br', 'x').render(), /no content/)
})

test('items of a list are put into li, whatever brings them', async () => {
  async function* late(): AsyncGenerator<string> {
    yield 'd'
    yield 'e'
  }
  const list = new Html('ul', 'a', new Html('li', 'b'), Promise.resolve('c'), late(), ['f', 'g'], null, false)
  assert.equal(await list.render(), `<ul>${[...'abcdefg'].map((item) => `<li>${item}</li>`).join('')}</ul>`)
})

test('in a script text is refused, code is marked safe, and data is given as Json', async () => {
  await assert.rejects(new Html('script', 'alert(1)').render(), /cannot be escaped/)
  await assert.rejects(new Html('script', safe('x = "</script>"')).render(), /ends its script/)
  await assert.rejects(new Html('style', Promise.resolve('x')).render(), /cannot be escaped/)
  const script = new Html('script', safe('var x = '), new Json({ a: '</script><!--' }))
  assert.equal(await script.render(), '<script>var x = {"a":"\\u003c/script>\\u003c!--"}</script>')
})

test('a line feed at the beginning of a textarea is kept', async () => {
  assert.equal(await new Html('textarea', '\na').render(), '<textarea>\n\na</textarea>')
})

test('form values are kept where each control has them', () => {
  const input = new Html('input', { name: 'a' }).setFormValue('x"')
  assert.equal(input.flatatt(), ' name="a" value="x&quot;"')
  assert.equal(input.getFormValue(), 'x"')
  const area = new Html('textarea', 'old').setFormValue('new')
  assert.equal(area.getFormValue(), 'new')
  const box = new Html('input', { type: 'checkbox', value: 'yes' })
  assert.equal(box.getFormValue(), undefined)
  assert.equal(box.setFormValue('yes').getFormValue(), 'yes')
  const select = new Html('select', new Html('option', 'a'), new Html('optgroup', new Html('option', { value: 'b' }, 'B')))
  assert.equal(select.getFormValue(), 'a')
  assert.equal(select.setFormValue('b').getFormValue(), 'b')
  assert.equal(select.setFormValue('a').getFormValue(), 'a')
})

test('a factory gives elements of one kind with attributes of their own', async () => {
  const lead = htmlFactory('p', { cn: 'lead', id: 'x' })
  assert.equal(await lead('a').render(), '<p class="lead" id="x">a</p>')
  assert.equal(await lead({ cn: 'more', id: 'y' }, 'b').render(), '<p class="lead more" id="y">b</p>')
})
