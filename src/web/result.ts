/** What a handler may return, and the answer that it becomes. */
import type { Bytes } from '../gateway/wsgi.ts'
import type { WsgiRequest } from './request.ts'
import type { ContentBlock } from './response-content.ts'
import { WsgiResponse } from './response.ts'

/** Content that knows its own answer, such as `Html`. */
export interface ResponseSource {
  httpResponse(request: WsgiRequest): WsgiResponse
}

/**
 * - a `WsgiResponse` is the answer;
 * - a string is `text/plain`, bytes are `application/octet-stream`, unless `request.response` has a type; a `Blob` has its own;
 * - a generator or another iterable that is no array, or an array of blocks of bytes, is a body in pieces;
 * - a web `Response` is taken over;
 * - an error is thrown: `return new Http404()` is a 404;
 * - null and undefined stand for `request.response`, which without content is a 204;
 * - any other array, object, number or boolean is JSON.
 */
export type HandlerResult =
  | WsgiResponse
  | ResponseSource
  | string
  | Bytes
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | Response
  | Iterable<ContentBlock | PromiseLike<ContentBlock>>
  | AsyncIterable<ContentBlock>
  | object
  | number
  | boolean
  | null
  | undefined

const JSON_TYPE = /^(?:application|text)\/(?:[\w.+-]+\+)?json\b/i

/**
 * The answer for what a handler returned. Status, headers and cookies that it set on `request.response` stay.
 * @throws {TypeError} for what no answer can be made of: a function, a symbol, what JSON cannot say; and an error that was returned
 */
export function toResponse<Params>(result: HandlerResult, request: WsgiRequest<Params>): WsgiResponse {
  if (result instanceof WsgiResponse) return result
  if (result === null || result === undefined) return unsaid(request.response)
  if (typeof result === 'string') return filled(request.response, result, undefined)
  if (result instanceof Uint8Array) return filled(request.response, result, undefined)
  if (typeof result === 'object') {
    if (isSource(result)) return result.httpResponse(request as unknown as WsgiRequest)
    if (ArrayBuffer.isView(result)) return filled(request.response, new Uint8Array(result.buffer, result.byteOffset, result.byteLength), undefined)
    if (result instanceof ArrayBuffer) return filled(request.response, new Uint8Array(result), undefined)
    if (result instanceof Error) throw result
    if (isOfFetch(result)) {
      if (result instanceof Response) return fromWebResponse(result, request)
      if (result instanceof Blob) return fromBlob(result, request)
    }
    if (isBody(result)) return filled(request.response, result, 'text/plain; charset=utf-8')
  }
  return json(result, request)
}

function json<Params>(value: unknown, request: WsgiRequest<Params>): WsgiResponse {
  if (!request.hasResponse) return WsgiResponse.json(value)
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError(`JSON cannot say ${typeof value}`)
  const { response } = request
  if (!JSON_TYPE.test(response.contentType ?? '')) response.contentType = 'application/json'
  response.content = Buffer.from(text)
  return response
}

function filled(response: WsgiResponse, content: WsgiResponse['content'], type: string | undefined): WsgiResponse {
  if (type !== undefined) response.contentType ??= type
  response.content = content
  return response
}

function unsaid(response: WsgiResponse): WsgiResponse {
  if (response.status === 200 && (response.content === undefined || response.content === null)) response.status = 204
  return response
}

/** Fields of the web's answer go over those of the request's; each cookie is a line of its own (Fetch, "Headers class"). */
function fromWebResponse<Params>(web: Response, request: WsgiRequest<Params>): WsgiResponse {
  if (web.type === 'error') throw new TypeError('a handler returned Response.error()')
  const { response } = request
  response.status = web.status
  for (const [name, value] of web.headers) {
    if (name !== 'set-cookie') response.headers.set(name, value)
  }
  for (const cookie of web.headers.getSetCookie()) response.headers.append('Set-Cookie', cookie)
  response.content = web.body
  return response
}

/** Its length is known, though it is read in pieces. */
function fromBlob<Params>(blob: Blob, request: WsgiRequest<Params>): WsgiResponse {
  const { response } = request
  if (blob.type !== '') response.contentType ??= blob.type
  response.headers.set('Content-Length', blob.size)
  return filled(response, blob.stream(), undefined)
}

const isSource = (value: object): value is ResponseSource => typeof (value as Partial<ResponseSource>).httpResponse === 'function'

/** The globals are looked at only for what may be one of theirs: Node loads all of fetch when it is first named. */
const isOfFetch = (value: object): boolean => 'arrayBuffer' in value

/** An array is JSON as anywhere else, unless it is what a WSGI application returns: blocks of bytes. */
function isBody(value: object): value is Iterable<ContentBlock> | AsyncIterable<ContentBlock> {
  if (Array.isArray(value)) return value.length > 0 && value.every((block) => block instanceof Uint8Array)
  return Symbol.asyncIterator in value || Symbol.iterator in value
}
