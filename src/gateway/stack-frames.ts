/** The frames of a stack as V8 writes them, with the lines of source around each where the file can be read. */
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface SourceLine {
  readonly number: number
  readonly text: string
}

export interface Frame {
  /** The frame's line of the stack, without `at`. */
  readonly text: string
  readonly file?: string
  readonly line?: number
  /** Node's own code, or a package's: not where to look first. */
  readonly foreign: boolean
  /** Lines around the place; empty where there are none to be had. */
  readonly excerpt: readonly SourceLine[]
}

const maxFrames = 50
/** Lines before and behind the place. */
const context = 4
/** Bytes, and characters of a line: a bundle in one line is nothing to read. */
const maxFile = 1024 * 1024
const maxLine = 240

/** `at name (place)` or `at place`, where place is `file:line:column`. */
const place = /(?:^|[\s(])((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/

/**
 * Reads the frames of a stack. Source files are read at once: this is for an error's page, shown to a developer.
 * @param message the error's, which stands before the frames: what looks like a frame in it is text, maybe a client's
 */
export function readFrames(stack: string, message: string): Frame[] {
  const files = new Map<string, readonly string[] | undefined>()
  return stack
    .slice(Math.max(stack.indexOf(message), 0) + message.length)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, maxFrames)
    .map((line) => readFrame(line.slice(3), files))
}

function readFrame(text: string, files: Map<string, readonly string[] | undefined>): Frame {
  const match = place.exec(text.slice(-4096))
  if (match === null) return { text, foreign: true, excerpt: [] }
  const file = pathOf(match[1] as string)
  const line = Number(match[2])
  const foreign = file === undefined || file.includes('/node_modules/')
  if (file === undefined || foreign) return { text, ...(file === undefined ? {} : { file, line }), foreign, excerpt: [] }
  if (!files.has(file)) files.set(file, readLines(file))
  return { text, file, line, foreign, excerpt: excerptOf(files.get(file) ?? [], line) }
}

function excerptOf(lines: readonly string[], line: number): SourceLine[] {
  const first = Math.max(line - context, 1)
  return line > lines.length
    ? []
    : lines
        .slice(first - 1, line + context)
        .map((text, index) => ({ number: first + index, text: text.length > maxLine ? `${text.slice(0, maxLine)} ...` : text }))
}

function pathOf(text: string): string | undefined {
  if (!text.startsWith('file:')) return text
  try {
    return fileURLToPath(text)
  } catch {
    // A URL in the stack that is no file here, such as one with a host.
    return undefined
  }
}

/** Undefined where the file is gone, is not readable or too long: the frame then stands without its source. */
function readLines(file: string): readonly string[] | undefined {
  try {
    const stats = statSync(file)
    return stats.isFile() && stats.size <= maxFile ? readFileSync(file, 'utf8').split(/\r?\n/) : undefined
  } catch {
    return undefined
  }
}
