/** The examples of docs/requests.md do what it says. */
import { testPage } from '../support/page-examples.ts'

await testPage('requests.md')
