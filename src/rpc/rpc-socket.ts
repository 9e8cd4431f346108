/** JSON-RPC over a WebSocket, or whatever else carries messages of text. */
import type { WsgiRequest } from '../web/request.ts'
import type { AnyRpc, JSONRPC, SubHandlers } from './json-rpc.ts'

/** What is needed of a connection. */
export interface RpcConnection {
  /** The request that it began with. */
  readonly request: WsgiRequest
  /** A promise is of when the other side has taken enough to go on. */
  write(text: string): Promise<void> | undefined
  close(code?: number, reason?: string): void
}

/** A handler of a connection's messages. */
export interface RpcSocketHandler {
  /** Where it gives a promise, the next message must wait for it. */
  onMessage(connection: RpcConnection, text: string): Promise<void> | undefined
  onBytes(connection: RpcConnection): void
}

/**
 * Serves methods to each connection: `new WebSocket('/rpc', rpcSocket(new Root()))`. Answers come as they are ready, each with
 * the id of its request. While a connection has `limits.concurrency` messages under way, no more is read from it.
 */
export function rpcSocket<Sub extends SubHandlers>(rpc: JSONRPC<Sub>): RpcSocketHandler {
  const underWay = new WeakMap<RpcConnection, Set<Promise<void>>>()
  return {
    onMessage(connection, text) {
      let calls = underWay.get(connection)
      if (calls === undefined) underWay.set(connection, calls = new Set())
      const call = answered(rpc as unknown as AnyRpc, connection, text)
      calls.add(call)
      void call.finally(() => { calls.delete(call) })
      return calls.size < rpc.limits.concurrency ? undefined : Promise.race(calls)
    },
    // RFC 6455 section 7.4.1: a type of data that is not taken.
    onBytes: (connection) => { connection.close(1003, 'JSON-RPC is text') },
  }
}

/** Never rejected: nobody waits for most of them. */
async function answered(rpc: AnyRpc, connection: RpcConnection, text: string): Promise<void> {
  try {
    const answer = await rpc.handleMessage(text, connection.request)
    if (answer !== undefined) await connection.write(answer)
  } catch (error) {
    connection.request.environ['wsgi.errors'].write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
    connection.close(1011, 'the answer could not be made')
  }
}
