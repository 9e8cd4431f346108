/** The most that a request's body may be, by what is made of it. More is answered with 413, before it is held anywhere. */
export interface BodyLimits {
  /** Bytes that text(), bytes() and json() hold, and all fields of a form together. */
  readonly memory: number
  /** Bytes of one uploaded file that are held in memory; a longer one goes to a file of its own on disk. */
  readonly fileMemory: number
  /** Bytes of all uploaded files of a form. */
  readonly files: number
  /** Parts of a form: fields and files. */
  readonly parts: number
  /** Arrays and objects within one another in JSON. */
  readonly depth: number
}

/** pulsar's for forms: 1 MiB in memory, 256 KiB a file in memory, 1 GiB of files. */
export const defaultLimits: BodyLimits = Object.freeze({
  memory: 1_048_576, fileMemory: 262_144, files: 1_073_741_824, parts: 1000, depth: 100,
})
