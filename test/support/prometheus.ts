/** Reads `/metrics` with a parser that is not ours. */
import { createRequire } from 'node:module'
import type { AdminClient } from './admin-client.ts'

export interface Sample {
  readonly value?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly buckets?: Readonly<Record<string, string>>
  readonly count?: string
  readonly sum?: string
}

export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly metrics: readonly Sample[]
}

const parse = createRequire(import.meta.url)('parse-prometheus-text-format') as (text: string) => readonly ParsedFamily[]

export class Metrics {
  readonly families: readonly ParsedFamily[]

  constructor(text: string) {
    this.families = parse(text)
  }

  static async of(admin: AdminClient): Promise<Metrics> {
    return new Metrics((await admin.ask('/metrics')).body.toString())
  }

  samples(name: string): readonly Sample[] {
    return this.families.find((family) => family.name === name)?.metrics ?? []
  }

  /** Over all series that have these labels. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.samples(name)
      .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels?.[label] === value))
      .reduce((sum, { value, count }) => sum + Number(value ?? count ?? 0), 0)
  }
}
