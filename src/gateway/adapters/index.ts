/// <reference types="node" preserve="true" />
/** `pulsar-wsgi/adapters`: applications of other kinds as WSGI applications, and the other way round. */
export type { FetchApplication, FetchConnection, FetchContext, FetchEnv, FetchHandler } from './fetch-handler.ts'
export { fromFetch, type FetchOptions } from './from-fetch.ts'
export { toFetch, type ToFetchOptions } from './to-fetch.ts'
export { fromNode } from './from-node.ts'
export type { FastifyLike, KoaLike, NestLike, NodeApplication, NodeHandler, NodeServer } from './node-application.ts'
export { toNode, type WsgiNodeHandler } from './to-node.ts'
