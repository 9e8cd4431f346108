/** The examples of docs/testing.md do what it says. */
import { testPage } from '../support/page-examples.ts'

await testPage('testing.md')
