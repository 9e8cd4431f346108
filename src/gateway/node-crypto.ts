/** node:crypto when it is first needed: loading it with the rest would cost every start of a server several milliseconds. */
export const nodeCrypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')
