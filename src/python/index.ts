/// <reference types="node" preserve="true" />
/** `pulsar-wsgi/python`: Python WSGI applications as WSGI applications of TypeScript. */
export type { PythonOptions } from './options.ts'
export { python } from './python-application.ts'
