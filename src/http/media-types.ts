/** Media types of files by the ending of their names: what is commonly served, from IANA's "Media Types" registry. */

const types = new Map<string, string>(
  Object.entries({
    avif: 'image/avif',
    css: 'text/css; charset=utf-8',
    csv: 'text/csv; charset=utf-8',
    gif: 'image/gif',
    gz: 'application/gzip',
    htm: 'text/html; charset=utf-8',
    html: 'text/html; charset=utf-8',
    ico: 'image/vnd.microsoft.icon',
    jpeg: 'image/jpeg',
    jpg: 'image/jpeg',
    // RFC 9239: text/javascript is the one to use.
    js: 'text/javascript; charset=utf-8',
    json: 'application/json',
    map: 'application/json',
    md: 'text/markdown; charset=utf-8',
    mjs: 'text/javascript; charset=utf-8',
    mp3: 'audio/mpeg',
    mp4: 'video/mp4',
    ogg: 'audio/ogg',
    otf: 'font/otf',
    pdf: 'application/pdf',
    png: 'image/png',
    svg: 'image/svg+xml',
    ttf: 'font/ttf',
    txt: 'text/plain; charset=utf-8',
    wasm: 'application/wasm',
    wav: 'audio/vnd.wave',
    webm: 'video/webm',
    webmanifest: 'application/manifest+json',
    webp: 'image/webp',
    woff: 'font/woff',
    woff2: 'font/woff2',
    xml: 'application/xml',
    zip: 'application/zip'
  })
)

/** What is said of bytes that nothing is known of (RFC 9110 section 8.3). */
export const unknownType = 'application/octet-stream'

/** The Content-Type for a file by its name or path, in any case; undefined where the ending is missing or unknown. */
export function mediaType(name: string): string | undefined {
  const file = name.slice(name.lastIndexOf('/') + 1)
  const dot = file.lastIndexOf('.')
  // A name that begins with its only dot has no ending: `.html` is a hidden file.
  return dot > 0 ? types.get(file.slice(dot + 1).toLowerCase()) : undefined
}
