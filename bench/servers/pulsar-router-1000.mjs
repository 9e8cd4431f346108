import { router } from './pulsar-routes.mjs'

export default router(1000)
