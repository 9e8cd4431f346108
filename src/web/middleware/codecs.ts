/** The compressors that this Node has. */
import type { Transform } from 'node:stream'
import type { ContentCoding } from './content-coding.ts'

/** A compressor's stream. */
export interface Compressor extends Transform {
  flush(done: () => void): void
}

type Callback = (error: Error | null, result: Buffer) => void

/** Of node:zlib: what is in the types of Node 20, and zstd, which came with 22.15. */
interface Zlib {
  readonly constants: Readonly<Record<string, number>>
  createGzip(options: object): Compressor
  createBrotliCompress(options: object): Compressor
  createZstdCompress?(options: object): Compressor
  gzip(bytes: Uint8Array, options: object, done: Callback): void
  gzipSync(bytes: Uint8Array, options: object): Buffer
  brotliCompress(bytes: Uint8Array, options: object, done: Callback): void
  brotliCompressSync(bytes: Uint8Array, options: object): Buffer
  zstdCompress?(bytes: Uint8Array, options: object, done: Callback): void
  zstdCompressSync?(bytes: Uint8Array, options: object): Buffer
}

export interface Codec {
  stream(): Compressor
  all(bytes: Uint8Array): Promise<Buffer>
  /** For what takes no longer than handing it to another thread would. */
  allNow(bytes: Uint8Array): Buffer
}

/** How hard each tries: gzip 0 to 9, brotli 0 to 11, zstd 1 to 22. */
export type Levels = Readonly<Record<ContentCoding, number>>

/** gzip's own default; of the others what takes about as long. Brotli's own default, 11, is for content that is packed once. */
export const defaultLevels: Levels = { gzip: 6, br: 4, zstd: 3 }

/** Loaded when it is first needed: it would cost every start of a server. */
function zlib(): Zlib {
  return process.getBuiltinModule('node:zlib') as unknown as Zlib
}

/** True where this Node can pack it. */
export function isAvailable(coding: ContentCoding): boolean {
  return coding !== 'zstd' || zlib().createZstdCompress !== undefined
}

/** @throws {RangeError} for a coding that this Node cannot pack */
export function codec(coding: ContentCoding, levels: Levels): Codec {
  const node = zlib()
  const { constants } = node
  if (coding === 'gzip') {
    const options = { level: levels.gzip }
    return {
      stream: () => node.createGzip(options),
      all: (bytes) => promised((done) => node.gzip(bytes, options, done)),
      allNow: (bytes) => node.gzipSync(bytes, options),
    }
  }
  if (coding === 'br') {
    const options = (size: number): object => ({
      params: {
        [constants['BROTLI_PARAM_QUALITY'] as number]: levels.br,
        [constants['BROTLI_PARAM_SIZE_HINT'] as number]: size,
      },
    })
    return {
      stream: () => node.createBrotliCompress(options(0)),
      all: (bytes) => promised((done) => node.brotliCompress(bytes, options(bytes.length), done)),
      allNow: (bytes) => node.brotliCompressSync(bytes, options(bytes.length)),
    }
  }
  return zstdCodec(node, levels.zstd)
}

function zstdCodec(node: Zlib, level: number): Codec {
  const { createZstdCompress, zstdCompress, zstdCompressSync, constants } = node
  if (createZstdCompress === undefined || zstdCompress === undefined || zstdCompressSync === undefined) {
    throw new RangeError('this Node has no zstd: it came with 22.15 and 23.8')
  }
  const options = { params: { [constants['ZSTD_c_compressionLevel'] as number]: level } }
  return {
    stream: () => createZstdCompress(options),
    all: (bytes) => promised((done) => zstdCompress(bytes, options, done)),
    allNow: (bytes) => zstdCompressSync(bytes, options),
  }
}

function promised(start: (done: Callback) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => start((error, result) => (error === null ? resolve(result) : reject(error))))
}
