import { contractOn } from './contract.ts'
import { threaded } from './ways.ts'

contractOn(threaded)
