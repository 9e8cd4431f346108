/**
 * Fields of Node's own messages that have no public name. What node:http keeps under them is kept for requests and answers of
 * an exchange as well, so that what is inherited (`writableNeedDrain`, `getHeaders()`) tells the truth. A version of Node
 * without one of them has other means for it: a missing symbol is a field that nobody reads.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const symbols = Object.getOwnPropertySymbols(new ServerResponse(new IncomingMessage(null as unknown as Socket)))
const named = (description: string): symbol => symbols.find((symbol) => symbol.description === description) ?? Symbol(description)

/** Of an answer: what setHeader() has stored, `{ lower: [name, value] }`. */
export const kOutHeaders: unique symbol = named('kOutHeaders') as never
/** Of an answer: `writableNeedDrain`. */
export const kNeedDrain: unique symbol = named('kNeedDrain') as never
/** Of an answer, since Node 24: `writableFinished`. */
export const kWritableFinished: unique symbol = named('kWritableFinished') as never

/** Headers as node:http stores them, by lower-case names. */
export type StoredHeaders = Readonly<Record<string, readonly [name: string, value: unknown]>>
