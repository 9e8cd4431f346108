import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'

export const benchDirectory = dirname(dirname(fileURLToPath(import.meta.url)))
export const rootDirectory = dirname(benchDirectory)
export const wrkDirectory = join(benchDirectory, 'wrk')
export const resultsDirectory = join(benchDirectory, 'results')
export const server = (name) => join(benchDirectory, 'servers', `${name}.mjs`)
