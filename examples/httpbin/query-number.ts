/** Numbers in queries. */
import { BadRequest, type WsgiRequest } from 'pulsar-wsgi'

interface Range {
  readonly least: number
  /** More is taken for this. */
  readonly most: number
  readonly otherwise: number
}

/** @throws {BadRequest} for what is no number, or less than may be */
export function queryNumber(request: WsgiRequest<unknown>, name: string, { least, most, otherwise }: Range): number {
  const text = request.query.get(name)
  if (text === null) return otherwise
  if (!/^\d{1,15}(?:\.\d{1,15})?$/.test(text) || Number(text) < least) throw new BadRequest(`${name} is ${JSON.stringify(text)}: expected a number from ${least}`)
  return Math.min(Number(text), most)
}
