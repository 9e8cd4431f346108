import { contractOn } from './contract.ts'
import { gunicorn } from './ways.ts'

contractOn(gunicorn)
