/// <reference types="node" preserve="true" />
/** `pulsar-wsgi/ws`: WebSockets. */
export { broadcast } from './broadcast.ts'
export { WebSocketConnection } from './connection.ts'
export { WS, type WebSocketHandler } from './handler.ts'
export type { AllowedOrigins, ChooseProtocol, CompressionOptions, ConnectionOptions, WebSocketOptions } from './options.ts'
export { PubSubWS } from './pub-sub-ws.ts'
export { WebSocket, webSocketHandler } from './websocket.ts'
export { connect, type ConnectOptions } from './client.ts'
