/** Answers in several formats, codings and charsets. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { BadRequest, Html, HtmlDocument, WsgiResponse, type Router, type WsgiRequest } from 'pulsar-wsgi'
import { requestFacts } from './request-facts.ts'

const slideshow = {
  title: 'Neutron stars',
  author: 'Pulsar',
  date: '2026-11-22',
  slides: [
    { type: 'all', title: 'What turns so fast?' },
    { type: 'all', title: 'A star, heard by radio', items: ['1.337 seconds a turn', 'found in 1967'] },
  ],
}

const page = `<?xml version="1.0" encoding="UTF-8"?>
<slideshow title="Neutron stars" author="Pulsar" date="2026-11-22">
  <slide type="all"><title>What turns so fast?</title></slide>
  <slide type="all"><title>A star, heard by radio</title><item>1.337 seconds a turn</item><item>found in 1967</item></slide>
</slideshow>
`

const alphabets = `Latin     The quick brown fox jumps over the lazy dog; Übermut, Ångström, façade, žluťoučký
Greek     Ξεσκεπάζω την ψυχοφθόρα βδελυγμία
Cyrillic  Съешь ещё этих мягких французских булок
Hebrew    דג סקרן שט בים מאוכזב
Hangul    다람쥐 헌 쳇바퀴에 타고파
Kana      いろはにほへと ちりぬるを
Han       天地玄黃 宇宙洪荒
Signs     ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β, 2H₂ + O₂ ⇌ 2H₂O, €, ‰, ♜♞♝
Beyond    𝔓𝔲𝔩𝔰𝔞𝔯 🌟 👩‍🚀
`

export function addFormats(router: Router): void {
  const title = (text: string) => ({ parameters: { title: text } })
  const packed = (coding: string, flag: string, pack: (bytes: Buffer) => Buffer) => (request: WsgiRequest) => {
    const bytes = Buffer.from(JSON.stringify({ [flag]: true, ...requestFacts(request) }))
    return new WsgiResponse({ content: pack(bytes), contentType: 'application/json', headers: [['Content-Encoding', coding]] })
  }

  router.get('json', () => ({ message: 'Hello, World!', slideshow }), title('JSON'))
  router.get('xml', () => new WsgiResponse({ content: page, contentType: 'application/xml' }), title('XML'))
  router.get('html', story, title('HTML'))
  router.get('plaintext', () => 'Hello, World!', title('Plain text'))
  router.get('encoding/utf8', () => WsgiResponse.text(alphabets), title('Text in many alphabets, as UTF-8'))
  router.get('gzip', packed('gzip', 'gzipped', gzipSync), title('JSON, packed by gzip whatever the client accepts'))
  router.get('brotli', packed('br', 'brotli', brotliCompressSync), title('The same by brotli'))
  router.get('deflate', packed('deflate', 'deflated', deflateSync), title('The same by deflate'))
  router.get('base64/<path:value>', (_request, { value }) => decoded(value), { ...title('What that is in base64'), defaults: { value: 'UHVsc2FyCg==' } })
  router.get('robots.txt', () => 'User-agent: *\nDisallow: /deny\n', title('What robots are told'))
  router.get('deny', () => 'Robots have been asked not to come here.\n', title('Where they are told not to go'))
}

export function addLinks(router: Router): void {
  router.get('links/<int:count>', (request, { count }) => request.redirect(`${count}/0`), { parameters: { title: 'To the first page of links' }, defaults: { count: 10 } })
  router.get('links/<int:count>/<int:offset>', (_request, { count, offset }) => {
    const document = new HtmlDocument({ title: 'Links', attributes: { lang: 'en' } })
    const numbers = Array.from({ length: Math.min(Math.max(count, 1), 200) }, (_, number) => number)
    document.body.append(new Html('ul', ...numbers.map((number) => (number === offset ? String(number) : new Html('a', { href: String(number) }, String(number))))))
    return document
  }, { parameters: { title: 'A page with so many links to others like it, at most 200' }, defaults: { count: 10, offset: 0 } })
}

function story(): HtmlDocument {
  const document = new HtmlDocument({ title: 'Little green men', attributes: { lang: 'en' } })
  document.body.append(new Html('h1', 'Little green men'))
  document.body.append(new Html('p', 'In the summer of 1967 a radio telescope near Cambridge wrote hundreds of metres of paper, and on it, ' +
    'every 1.337 seconds, the same small mark. It was no car, no satellite and no fault of the receiver; it rose and set with the stars. ' +
    'Half in jest it was called LGM-1, for little green men, until a second one was found in another part of the sky.'))
  document.body.append(new Html('p', 'It was a star the size of a city and heavier than the sun, which sweeps the sky with its beam like a lighthouse.'))
  return document
}

/** Bytes, and not to be taken for a page: who made the link chose them. */
function decoded(value: string): WsgiResponse {
  if (!/^[\w+/-]*={0,2}$/.test(value)) throw new BadRequest('that is no base64')
  return WsgiResponse.text(Buffer.from(value, 'base64'), { headers: [['X-Content-Type-Options', 'nosniff']] })
}
