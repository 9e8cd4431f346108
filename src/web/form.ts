/** What a form sent: fields and files, several of a name included. */
import type { UploadedFile } from './uploaded-file.ts'

/** A field's value, or a list where the name came several times. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>

export class Form implements Iterable<readonly [name: string, value: string]> {
  private readonly fields: readonly (readonly [string, string])[]
  /** In the order they came. */
  readonly files: readonly UploadedFile[]

  constructor(fields: readonly (readonly [name: string, value: string])[], files: readonly UploadedFile[] = []) {
    this.fields = fields
    this.files = files
  }

  /** The first value of a field. */
  get(name: string): string | undefined {
    return this.fields.find(([candidate]) => candidate === name)?.[1]
  }

  getAll(name: string): string[] {
    return this.fields.filter(([candidate]) => candidate === name).map(([, value]) => value)
  }

  has(name: string): boolean {
    return this.fields.some(([candidate]) => candidate === name)
  }

  /** The first file of a name. */
  file(name: string): UploadedFile | undefined {
    return this.files.find((file) => file.name === name)
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.fields[Symbol.iterator]()
  }

  /** The fields by name, as pulsar has them. */
  toObject(): FormValues {
    return valuesByName(this.fields)
  }
}

/** Without a prototype: names come from clients. A name that came several times has a list. */
export function valuesByName(pairs: Iterable<readonly [string, string]>): FormValues {
  const values = Object.create(null) as Record<string, string | string[]>
  for (const [name, value] of pairs) {
    const before = values[name]
    if (before === undefined) values[name] = value
    else if (Array.isArray(before)) before.push(value)
    else values[name] = [before, value]
  }
  return values
}
