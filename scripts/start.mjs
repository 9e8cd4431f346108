// npm start [-- options]: serves examples/hello.ts, having installed and built what is missing.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, install, root, step } from './ensure.mjs'

await step(async () => {
  install()
  build()
  // The command in this very process: signals, standard streams and exit status are its own.
  const command = join(root, 'dist', 'cli', 'main.js')
  process.argv = [process.execPath, command, join('examples', 'hello.ts'), ...process.argv.slice(2)]
  process.chdir(root)
  await import(pathToFileURL(command).href)
})
