/** Takes a form with a file, and says how long the file is; longer ones are on disk as long as the request lasts. */
import { Router } from '../../dist/index.js'

const app = new Router('/')
app.get('', () => 'Hello World!')
app.post('upload', async (request) => {
  const file = (await request.form()).file('file')
  return { size: file?.size ?? null, onDisk: file?.path !== undefined }
})

export default app
