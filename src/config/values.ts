import type { Address } from './address.ts'
import type { Mount } from './mount.ts'

/** A certificate with its key: paths of PEM files; without a key file both are in the first. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile?: string | undefined
}

/** What the program gets for a setting of each type. */
export interface Values {
  accessFormat: string
  address: Address
  addresses: readonly Address[]
  seconds: number
  count: number
  bytes: number
  flag: boolean
  choice: string
  path: string
  mask: number
  prefix: string
  product: string
  workers: number
  requestPath: string
  account: string
  title: string
  redisUrl: string
  mounts: readonly Mount[]
  secret: string
  certificates: readonly CertificateFiles[]
  peers: readonly string[]
  forwardedFields: readonly string[]
}

/** What a program or a config file may give; text, as on the command line, is read too. */
export interface Inputs {
  accessFormat: string
  address: string | number
  addresses: string | number | readonly (string | number)[]
  seconds: number
  count: number
  bytes: number | string
  flag: boolean
  choice: string
  path: string
  mask: number | string
  prefix: string
  product: string
  workers: number | 'auto'
  requestPath: string
  account: string | number
  title: string
  redisUrl: string
  mounts: Readonly<Record<string, string>> | string | readonly string[]
  secret: string
  certificates: string | readonly (string | CertificateFiles)[]
  peers: string | readonly string[]
  forwardedFields: string | readonly string[]
}

export type TypeName = keyof Values
