import { MediaRouter } from '../../dist/index.js'
import { directory } from './static-files.mjs'

export default new MediaRouter('', directory)
