/** What the servers answer with, the same for every peer. */

export const hello = 'Hello World!'

/** 1 MiB, for the download. */
export const mebibyte = Buffer.alloc(1 << 20, 'pulsar ')

/** The streamed answer: 16 blocks of 4 KiB, 64 KiB in all, sent one by one. */
export const blocks = Array.from({ length: 16 }, (_, index) => Buffer.alloc(4096, String.fromCharCode(97 + index)))

/** The port that the harness chose, its only argument. */
export const port = Number(process.argv[2])

/** What is said over a WebSocket: 64 bytes of text. */
export const message = 'Sixty-four bytes of text, as a chat or a ticker would send them.'
