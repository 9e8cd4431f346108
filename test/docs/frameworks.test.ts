/** The examples of the page do what it says of them, and their types are right. */
import { testPage } from '../support/page-examples.ts'

await testPage('frameworks.md')
