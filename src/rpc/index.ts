/// <reference types="node" preserve="true" />
/** `pulsar-wsgi/rpc`. */
export * from './client.ts'
export { defaultRpcLimits, JSONRPC, type AnyRpc, type JSONRPCOptions, type RpcLimits, type SubHandlers } from './json-rpc.ts'
export { method, MethodTable, type MethodMap, type Schemas, type TypedMethod } from './method-table.ts'
export { PulsarServerCommands, type ServerCommandsOptions, type ServerInfo } from './server-commands.ts'
export type { Id, Params } from './protocol/call.ts'
export type { FunctionRow, RpcMethod, Signature } from './rpc-method.ts'
export { rpcSocket, type RpcConnection, type RpcSocketHandler } from './rpc-socket.ts'
