/**
 * The contract between server and application: PEP 3333 in TypeScript, with pulsar's asynchronous superset.
 * `docs/wsgi-for-typescript.md` has it rule by rule.
 */
import type { FileHandle } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import type { Settings } from '../config/settings.ts'
import type { Peer } from '../http/peer.ts'
import type { Fields } from './exchange.ts'

/** Bytes; an application never gives text. `Buffer` is one. */
export type Bytes = Uint8Array

/** What may stand in an iterable body: bytes, or a promise of them. */
export type Block = Bytes | PromiseLike<Bytes>

/** What an application returns: an iterable or async iterable of bytes, with an optional close() that is called once at the end. */
export type WSGIBody = (Iterable<Block> | AsyncIterable<Bytes>) & { close?(): unknown }

/** `[type, value, traceback]` in Python; here the error that was caught. */
export type ExcInfo = Error | readonly [error: unknown, ...rest: unknown[]]

/**
 * Sends a block at once: the number of its bytes, as a promise where the client is slow (PEP 3333, "The write() Callable").
 * `force` sends the headers although the block is empty (pulsar's addition).
 */
export type Write = (data: Bytes, force?: boolean) => number | Promise<number>

/**
 * Begins the answer. Nothing is sent before the first block of the body (PEP 3333, "The start_response() Callable").
 * @param status code and reason: `200 OK`
 * @param excInfo allows a second call before the headers were sent; after that the error is thrown again
 * @throws {TypeError} for a malformed status or header
 */
export type StartResponse = (status: string, responseHeaders: Fields, excInfo?: ExcInfo) => Write

export type WSGIApplication = (environ: Environ, startResponse: StartResponse) => WSGIBody | PromiseLike<WSGIBody>

/** `wsgi.input`: the body of the request. Every method waits for as much as it was asked for, or the end. */
export interface InputStream extends AsyncIterable<Buffer> {
  /** Up to `size` bytes, all of the rest without it or with a negative one; empty at the end. */
  read(size?: number): Promise<Buffer>
  /** Up to and with the next LF, or `size` bytes of the line; empty at the end. */
  readline(size?: number): Promise<Buffer>
  /** Lines, until about `hint` bytes were read. */
  readlines(hint?: number): Promise<Buffer[]>
  /** What is there, as soon as there is something; empty at the end. Not PEP 3333's: an input that middleware has made may lack it. */
  some?(): Promise<Buffer>
}

/** `wsgi.errors`: the server's log. */
export interface ErrorStream {
  write(text: string): void
  writelines(lines: Iterable<string>): void
  flush(): void
}

/** `pulsar.connection`: what HTTP can do and WSGI has no words for. */
export interface Connection {
  readonly peer: Peer
  readonly closed: boolean
  /** The name of the route that answers, such as `/users/<id>`, for metrics and logs; routers set it. One of few, never a client's text. */
  route?: string | undefined
  /** What the application is, where it was chosen of several, such as `python`: for metrics; mount() sets it. */
  kind?: string | undefined
  /** An interim answer, such as `103 Early Hints`. */
  informational(status: string, headers: Fields): void
  /** `101 Switching Protocols`, or `200` to a `CONNECT`: the raw stream is the application's from here on. It emits `retire` when the server stops. */
  upgrade(status: string, headers: Fields): Duplex
  /** Called once when the exchange is over. */
  onClose(listener: () => void): void
}

/** PEP 3333's environ; strings are "native": bytes decoded as latin-1. */
export interface Environ {
  REQUEST_METHOD: string
  SCRIPT_NAME: string
  PATH_INFO: string
  QUERY_STRING: string
  CONTENT_TYPE?: string
  CONTENT_LENGTH?: string
  SERVER_NAME: string
  SERVER_PORT: string
  SERVER_PROTOCOL: string
  SERVER_SOFTWARE: string
  REMOTE_ADDR: string
  REMOTE_PORT: string
  RAW_URI: string
  HTTPS?: 'on'
  'wsgi.version': readonly [1, 0]
  'wsgi.url_scheme': 'http' | 'https'
  'wsgi.input': InputStream
  'wsgi.errors': ErrorStream
  'wsgi.multithread': boolean
  'wsgi.multiprocess': boolean
  'wsgi.run_once': boolean
  /** The input ends by itself at the end of the body: reading it to the end is safe without `CONTENT_LENGTH`. */
  'wsgi.input_terminated': true
  'wsgi.file_wrapper': FileWrapperFactory
  /** True once the client has gone: nobody waits for the answer. */
  'pulsar.client_disconnected': () => boolean
  /** What the request is called in the server's logs. */
  'pulsar.request_id': string
  'pulsar.connection': Connection
  'pulsar.cfg': Settings
  /** `HTTP_*`, and what middleware adds. */
  [key: string]: unknown
}

/** What `wsgi.file_wrapper` takes: an open file, a path, or anything that gives bytes. */
export type FileLike = string | FileHandle | AsyncIterable<Bytes> | Iterable<Bytes>

export type FileWrapperFactory = (file: FileLike, blockSize?: number) => WSGIBody

