// npm run build: dist/ anew. As prepack it leaves nothing of an older build in the package.
import { build, install, step } from './ensure.mjs'

await step(() => {
  install()
  build({ clean: process.env.npm_lifecycle_event === 'prepack' })
})
