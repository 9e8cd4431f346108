/** What a request said, in the form that clients of httpbin.org know. */
import { HttpError, type FormValues, type UploadedFile, type WsgiRequest } from 'pulsar-wsgi'

const MiB = 1_048_576

export interface RequestFacts {
  readonly args: FormValues
  readonly headers: Readonly<Record<string, string>>
  readonly method: string
  readonly origin: string
  readonly url: string
}

export interface BodyFacts {
  /** The body as text, or as a data URL where it is none; empty for a form. */
  readonly data: string
  readonly files: Readonly<Record<string, string | readonly string[]>>
  readonly form: FormValues
  /** The body as JSON; null where it is none. */
  readonly json: unknown
}

export function requestFacts(request: WsgiRequest<unknown>): RequestFacts {
  return { args: request.urlData, headers: headersOf(request), method: request.method, origin: request.clientAddress, url: request.uri }
}

/** By names as people write them: `Content-Type`. */
export function headersOf(request: WsgiRequest<unknown>): Readonly<Record<string, string>> {
  const written = (name: string): string => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
  return Object.fromEntries([...request.headers].map(([name, value]) => [written(name), value]))
}

/** Reads the body. @throws {HttpError} 413 over 8 MiB, 400 for a form that is none */
export async function bodyFacts(request: WsgiRequest<unknown>): Promise<BodyFacts> {
  request.limits = { memory: 8 * MiB, files: 8 * MiB }
  if (['multipart/form-data', 'application/x-www-form-urlencoded'].includes(request.contentType)) {
    const form = await request.form()
    return { data: '', files: await filesOf(form.files), form: form.toObject(), json: null }
  }
  const bytes = await request.bytes()
  return { data: textOrUrl(bytes, request.contentType), files: {}, form: {}, json: bytes.length === 0 ? null : await jsonOf(request) }
}

async function jsonOf(request: WsgiRequest<unknown>): Promise<unknown> {
  try {
    return await request.json({ anyType: true })
  } catch (error) {
    // Whatever was sent is shown; that it is no JSON is no fault here.
    if (error instanceof HttpError) return null
    throw error
  }
}

async function filesOf(files: readonly UploadedFile[]): Promise<Record<string, string | string[]>> {
  const shown = new Map<string, string[]>()
  for (const file of files) {
    const others = shown.get(file.name) ?? []
    shown.set(file.name, [...others, textOrUrl(await file.bytes(), file.contentType)])
  }
  return Object.fromEntries([...shown].map(([name, values]) => [name, values.length === 1 ? values[0] as string : values]))
}

function textOrUrl(bytes: Buffer, type: string): string {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? text : `data:${type || 'application/octet-stream'};base64,${bytes.toString('base64')}`
}
