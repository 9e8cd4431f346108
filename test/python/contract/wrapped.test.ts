import { contractOn } from './contract.ts'
import { wrapped } from './ways.ts'

contractOn(wrapped)
