/** The examples of docs/responses.md do what it says. */
import { testPage } from '../support/page-examples.ts'

await testPage('responses.md')
