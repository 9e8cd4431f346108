/** `pulsar-wsgi/rpc/client`, and `pulsar-wsgi/rpc` in a browser: what calls, without what serves and without Node.js. */
export type { ApiOf, RemoteMethod } from './api.ts'
export { JsonProxy, type JsonProxyConstructor, type JsonProxyOptions, type Notifications, type ProxyControls } from './json-proxy.ts'
export {
  errorCodes, InternalError, InvalidParams, InvalidRequest, NoSuchFunction, ParseError, RpcError, type RpcErrorOptions,
} from './protocol/rpc-error.ts'
export type { CallOptions } from './rpc-client.ts'
export type { WebSocketClass, WebSocketLike } from './socket-transport.ts'
export { RpcTransportError } from './transport.ts'
