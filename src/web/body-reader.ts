/** The bytes of a request's body, counted against a limit before they are held. */
import { WsgiInput } from '../gateway/input-stream.ts'
import type { Environ, InputStream } from '../gateway/wsgi.ts'
import { BadRequest, ContentTooLarge, UnsupportedMediaType } from './http-error.ts'

/** Bytes asked for at a time. */
const PIECE = 65_536

/** The announced length in bytes; undefined where only the end will tell. */
export function announcedLength(environ: Environ): number | undefined {
  const { CONTENT_LENGTH: text } = environ
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw new BadRequest('the Content-Length is not a number')
  return Number(text)
}

/** @throws {HttpError} 413 where more is announced than may come */
export function refuseTooLong(environ: Environ, limit: number): void {
  if ((announcedLength(environ) ?? 0) > limit) throw tooLong(limit)
}

/** @throws {HttpError} 415 where the body is in a coding (gzip and the like), which nothing here takes off */
export function refuseCoded(environ: Environ): void {
  const coding = environ.HTTP_CONTENT_ENCODING
  if (typeof coding === 'string' && coding !== '' && coding.toLowerCase() !== 'identity') {
    // RFC 9110 section 12.5.3: the answer says what would be understood.
    const headers = [['Accept-Encoding', 'identity']] as const
    throw new UnsupportedMediaType(`the body has the content coding ${JSON.stringify(coding.slice(0, 40))}`, { headers })
  }
}

/** Pieces as they are read, at most `limit` bytes in all. @throws {HttpError} 413 as soon as there are more */
export async function* bodyPieces(environ: Environ, limit: number): AsyncGenerator<Buffer, void, undefined> {
  refuseTooLong(environ, limit)
  const input = inputOf(environ)
  // A stray input may have no end of its own (PEP 3333, "Input and Error Streams"): what is announced is all there is.
  let left = environ['wsgi.input_terminated'] === true ? Number.POSITIVE_INFINITY : announcedLength(environ) ?? 0
  for (let read = 0; left > 0;) {
    // As it comes, where the input is the server's own: others wait for as much as they are asked for.
    const piece = await (input instanceof WsgiInput ? input.some() : input.read(Math.min(PIECE, left)))
    if (piece.length === 0) return
    read += piece.length
    left -= piece.length
    if (read > limit) throw tooLong(limit)
    yield piece
  }
}

/** All of the body, at most `limit` bytes; at once where it came with its head. @throws {HttpError} 413 before more are held */
export function wholeBody(environ: Environ, limit: number): Buffer | Promise<Buffer> {
  const length = announcedLength(environ)
  if (length !== undefined && length > limit) throw tooLong(limit)
  // One read where the end is known and near; an announced megabyte is made room for as it comes.
  if (length === undefined || length > PIECE) return gathered(environ, limit)
  const input = inputOf(environ)
  return input instanceof WsgiInput ? input.readNow(length) : input.read(length)
}

async function gathered(environ: Environ, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of bodyPieces(environ, limit)) pieces.push(piece)
  return pieces.length === 1 ? pieces[0] as Buffer : Buffer.concat(pieces)
}

const inputOf = (environ: Environ): InputStream => environ['wsgi.input']

const tooLong = (limit: number): ContentTooLarge => new ContentTooLarge(`the body is longer than ${limit} bytes`)
