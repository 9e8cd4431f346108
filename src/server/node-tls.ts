/** node:tls when it is first needed: a server without TLS starts sooner without it. */
export const nodeTls = (): typeof import('node:tls') => process.getBuiltinModule('node:tls')
