/** Answers of the admin server. */
import type { Exchange, Fields } from '../../gateway/exchange.ts'

/** Nothing is kept, nothing is guessed, nobody frames it or takes it for a script of theirs. */
const ALWAYS: Fields = [
  ['Cache-Control', 'no-store'], ['X-Content-Type-Options', 'nosniff'], ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
]

export function answerJson(exchange: Exchange, status: string, value: unknown): void {
  answerText(exchange, status, 'application/json', `${JSON.stringify(value)}\n`)
}

export function answerText(exchange: Exchange, status: string, type: string, text: string | Buffer, fields: Fields = []): void {
  const body = typeof text === 'string' ? Buffer.from(text) : text
  exchange.answer(status, [['Content-Type', type], ...ALWAYS, ...fields], body)
}
