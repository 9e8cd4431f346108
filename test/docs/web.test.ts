/** The example of the page does what it says of it, and its types are right. */
import { testPage } from '../support/page-examples.ts'

await testPage('web.md')
