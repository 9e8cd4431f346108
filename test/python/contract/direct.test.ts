import { contractOn } from './contract.ts'
import { direct } from './ways.ts'

contractOn(direct)
