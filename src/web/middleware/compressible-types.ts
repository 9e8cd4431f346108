/** Which media types are worth packing. */

const always = /^(?:text\/|[a-z]+\/[^;]+\+(?:json|xml|text|yaml)$)/
const others: ReadonlySet<string> = new Set([
  'application/json', 'application/javascript', 'application/ecmascript', 'application/xml', 'application/xml-dtd',
  'application/x-ndjson', 'application/json-seq', 'application/graphql', 'application/sql', 'application/rtf', 'application/yaml',
  'application/toml', 'application/wasm', 'application/x-www-form-urlencoded', 'application/x-javascript', 'application/x-sh',
  'application/vnd.ms-fontobject', 'font/ttf', 'font/otf', 'font/collection', 'image/bmp', 'image/x-icon',
  'image/vnd.microsoft.icon', 'image/x-portable-pixmap', 'model/gltf+json',
])

/** True for text and the like; false for what is packed already, as images, and for what is unknown. */
export function isCompressible(contentType: string): boolean {
  const [type = ''] = contentType.split(';', 1)
  const name = type.trim().toLowerCase()
  return always.test(name) || others.has(name)
}
