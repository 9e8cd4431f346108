/** The package: servers, and the contract of what they serve. */
export { WSGIServer, type WSGIServerOptions } from './app/wsgi-server.ts'
export { testWsgiEnviron } from './app/test-wsgi-environ.ts'
export type { Address } from './config/address.ts'
export { SettingsError } from './config/settings-error.ts'
export { settingsFrom } from './config/settings-from.ts'
export type { Settings, SettingsParams } from './config/settings.ts'
export type { Fields } from './gateway/exchange.ts'
export { FileWrapper } from './gateway/file-wrapper.ts'
export { HttpServerResponse, type Transport } from './gateway/http-server-response.ts'
export type { TestEnvironOptions } from './gateway/test-environ.ts'
export { validator, WSGIContractError } from './gateway/validator.ts'
export type {
  Block, Bytes, Connection, Environ, ErrorStream, ExcInfo, FileLike, FileWrapperFactory, InputStream, StartResponse, Write,
  WSGIApplication, WSGIBody,
} from './gateway/wsgi.ts'
export { ExchangeClosed } from './http/exchange-closed.ts'
export { HOP_HEADERS } from './http/field-names.ts'
export type { Peer } from './http/peer.ts'
