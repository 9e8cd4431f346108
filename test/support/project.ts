/** Where things are in the project, for tests that run what a user would run. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory of package.json, found upwards from this file, compiled or not. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)))

/** The command's entry as it is published; `npm test` and `npm run build` make it. */
export const commandEntry: string = join(projectRoot, 'dist', 'cli', 'main.js')

/** True where `node file.ts` runs without a flag: types are stripped since 22.18 and 23.6. */
export const nodeStripsTypes: boolean = Boolean((process.features as { typescript?: string | false }).typescript)

function findRoot(from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir
    if (dirname(dir) === dir) throw new Error(`no package.json above ${from}`)
  }
}
