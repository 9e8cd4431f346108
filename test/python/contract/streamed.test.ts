import { contractOn } from './contract.ts'
import { unbuffered } from './ways.ts'

contractOn(unbuffered)
