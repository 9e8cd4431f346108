/// <reference types="node" preserve="true" />
/** `pulsar-wsgi/testing`. */
export { inject, type InjectBody, type InjectOptions } from './inject.ts'
export { InjectedResponse } from './injected-response.ts'
export type { AnswerHead } from './answer-reader.ts'
export { pubSubContract, type DriverCheck, type MakeDriver } from './pub-sub-contract.ts'
