/** One picture in four formats. */
import { readFileSync } from 'node:fs'
import { NotAcceptable, WsgiResponse, type Router } from 'pulsar-wsgi'

const types = { png: 'image/png', jpeg: 'image/jpeg', svg: 'image/svg+xml', webp: 'image/webp' } as const
type Kind = keyof typeof types
const kinds = Object.keys(types) as readonly Kind[]

const read = (file: string): Buffer => readFileSync(new URL(`./assets/${file}`, import.meta.url))
const pictures: Readonly<Record<Kind, Buffer>> = {
  png: read('pulsar.png'), jpeg: read('pulsar.jpg'), svg: read('pulsar.svg'), webp: read('pulsar.webp'),
}

export function addImages(router: Router): void {
  const picture = (kind: Kind) => new WsgiResponse({ content: pictures[kind], contentType: types[kind] }).etag()

  router.get('image', (request) => {
    const best = request.accepts(...Object.values(types))
    const kind = kinds.find((one) => types[one] === best)
    if (kind === undefined) throw new NotAcceptable('the picture is a PNG, a JPEG, an SVG or a WebP')
    const response = picture(kind)
    response.headers.vary('Accept')
    return response
  }, { parameters: { title: 'The picture as the client likes it best' } })
  router.get('image/<any(png, jpeg, svg, webp):kind>', (_request, { kind }) => picture(kind), { defaults: { kind: 'svg' }, parameters: { title: 'As PNG, JPEG, SVG or WebP' } })
}
