import { router } from './pulsar-routes.mjs'

export default router(10)
