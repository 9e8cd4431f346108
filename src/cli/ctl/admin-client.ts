/** Asks an admin server. */
import { request, type RequestOptions } from 'node:http'
import type { Address } from '../../config/address.ts'
import { formatAddress } from '../../config/address.ts'

/** It does not do what it was asked for; the message is for people. */
export class AdminError extends Error {
  override readonly name: string = 'AdminError'
}

/** How long one answer may take, in milliseconds: stacks of what hangs take some seconds. */
const PATIENCE = 30_000

export class AdminClient {
  private readonly address: Address
  private readonly token: string | null

  constructor(address: Address, token: string | null) {
    this.address = address
    this.token = token
  }

  get<T>(path: string): Promise<T> {
    return this.ask<T>(path, 'GET', undefined)
  }

  post<T>(path: string, body: object): Promise<T> {
    return this.ask<T>(path, 'POST', JSON.stringify(body))
  }

  /** @throws {AdminError} (a rejection) where it cannot be asked, or refuses */
  private ask<T>(path: string, method: string, body: string | undefined): Promise<T> {
    const name = formatAddress(this.address)
    return new Promise((resolve, reject) => {
      const asked = request({ ...this.where(), path, method, headers: this.headers(body), timeout: PATIENCE, agent: false }, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', reject)
        response.on('end', () => {
          const told = readJson(Buffer.concat(pieces).toString())
          if (response.statusCode === 200) resolve(told as T)
          else reject(new AdminError(`${name} answers ${response.statusCode}: ${errorOf(told)}`))
        })
      })
      asked.on('timeout', () => asked.destroy(new AdminError(`${name} does not answer within ${PATIENCE / 1000} s`)))
      asked.on('error', (error: NodeJS.ErrnoException) => {
        reject(error instanceof AdminError ? error : new NotReached(`no admin server is at ${name}: ${error.message}`))
      })
      asked.end(body)
    })
  }

  private where(): RequestOptions {
    const { address } = this
    if (address.kind === 'unix') return { socketPath: address.path }
    if (address.kind === 'fd') throw new AdminError('a descriptor is no address to ask: give --admin ADDRESS')
    return { host: address.host ?? '127.0.0.1', port: address.port }
  }

  private headers(body: string | undefined): Record<string, string> {
    return {
      // Its own name for itself; the address may be known to us by another.
      ...(this.token === null && this.address.kind === 'tcp' ? { Host: `127.0.0.1:${this.address.port}` } : {}),
      ...(this.token === null ? {} : { Authorization: `Bearer ${this.token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    }
  }
}

/** Nobody is there: it was never started, or has ended. */
export class NotReached extends AdminError {}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { error: text.trim().split('\n')[0] ?? '' }
  }
}

function errorOf(told: unknown): string {
  const { error } = (told ?? {}) as { error?: unknown }
  return typeof error === 'string' ? error : 'it does not say why'
}
