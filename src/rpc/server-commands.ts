/** What a server tells of itself (pulsar's PulsarServerCommands). Nothing of it is public unless somebody mounts it. */
import type { WsgiRequest } from '../web/request.ts'
import { JSONRPC, type AnyRpc, type JSONRPCOptions, type SubHandlers } from './json-rpc.ts'
import { RpcError } from './protocol/rpc-error.ts'
import type { FunctionRow, Signature } from './rpc-method.ts'

export interface ServerInfo {
  readonly server: {
    readonly software: string
    /** Of the process that answers. */
    readonly process_id: number
    /** Seconds. */
    readonly uptime: number
    readonly multiprocess: boolean
  }
  readonly system: { readonly platform: string, readonly node: string }
  /** Bytes. */
  readonly memory: { readonly rss: number, readonly heap_used: number }
  readonly [extra: string]: unknown
}

export interface ServerCommandsOptions extends JSONRPCOptions {
  /** Who may ask; asked before each command. Without it everybody may who can reach the handler. */
  readonly allow?: (request: WsgiRequest) => boolean | PromiseLike<boolean>
}

/** The code of the error for who may not ask. */
const FORBIDDEN = -32001

/** To be used as it is, or extended with methods of one's own: `class Root extends PulsarServerCommands<{ calc: Calculator }>`. */
export class PulsarServerCommands<Sub extends SubHandlers = Record<never, AnyRpc>> extends JSONRPC<Sub> {
  static override readonly signatures: Readonly<Record<string, Signature>> = {
    ping: { parameters: [], text: 'Answers "pong".' },
    echo: { parameters: ['message?'], text: 'Answers the message.' },
    server_info: { parameters: [], text: 'What the process that answers says of itself.' },
    functions_list: { parameters: [], text: 'Every method with what it does.' },
    documentation: { parameters: [], text: 'The documentation of all methods, as Markdown.' },
  }

  readonly #allow: NonNullable<ServerCommandsOptions['allow']>

  constructor(subHandlers: Partial<Sub> = {}, options: ServerCommandsOptions = {}) {
    super(subHandlers, options)
    this.#allow = options.allow ?? (() => true)
  }

  async rpc_ping(request: WsgiRequest): Promise<'pong'> {
    await this.#check(request)
    return 'pong'
  }

  async rpc_echo(request: WsgiRequest, message: unknown = ''): Promise<unknown> {
    await this.#check(request)
    return message
  }

  async rpc_server_info(request: WsgiRequest): Promise<ServerInfo> {
    await this.#check(request)
    const { environ } = request
    const { rss, heapUsed } = process.memoryUsage()
    return this.extraServerInfo(request, {
      server: {
        software: String(environ.SERVER_SOFTWARE ?? ''), process_id: process.pid, uptime: process.uptime(),
        multiprocess: environ['wsgi.multiprocess'],
      },
      system: { platform: process.platform, node: process.version },
      memory: { rss, heap_used: heapUsed },
    })
  }

  async rpc_functions_list(request: WsgiRequest): Promise<readonly FunctionRow[]> {
    await this.#check(request)
    return this.root.listFunctions()
  }

  async rpc_documentation(request: WsgiRequest): Promise<string> {
    await this.#check(request)
    return this.root.docs()
  }

  /** For subclasses: adds to what `server_info` says. */
  protected extraServerInfo(_request: WsgiRequest, info: ServerInfo): ServerInfo | Promise<ServerInfo> {
    return info
  }

  async #check(request: WsgiRequest): Promise<void> {
    if (!await this.#allow(request)) throw new RpcError(FORBIDDEN, 'Not allowed', { status: 403 })
  }
}
