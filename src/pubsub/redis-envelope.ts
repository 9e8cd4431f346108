/** A message as Redis carries it: who has sent it, whether it is text, and itself. */
import { isUtf8 } from 'node:buffer'
import type { Message } from './driver.ts'

/** Not the beginning of any text that people send: messages of other programs have no envelope. */
const MARK: readonly [number, number] = [0x00, 0x50]
const TEXT = 0
const BYTES = 1
const ORIGIN = 16
const HEAD: number = MARK.length + 1 + ORIGIN

/** @param origin 16 bytes of the sender's */
export function sealed(message: Message, origin: Uint8Array): Buffer {
  const body = typeof message === 'string' ? Buffer.from(message) : message
  return Buffer.concat([Uint8Array.of(...MARK, typeof message === 'string' ? TEXT : BYTES), origin, body])
}

/** Null for what this origin has sent itself. What has no envelope is text where it is UTF-8, else bytes. */
export function opened(sent: Buffer, origin: Uint8Array): Message | null {
  const enveloped = sent.length >= HEAD && sent[0] === MARK[0] && sent[1] === MARK[1]
  if (!enveloped) return messageOf(sent, isUtf8(sent))
  if (sent.subarray(HEAD - ORIGIN, HEAD).equals(origin)) return null
  return messageOf(sent.subarray(HEAD), sent[MARK.length] === TEXT)
}

function messageOf(body: Buffer, text: boolean): Message {
  return text ? body.toString() : new Uint8Array(body)
}
