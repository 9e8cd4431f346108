/** examples/flask as its README says, on one process, on two, and with threads. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { frameworkFolder, serveIn, stopQuietly, withoutPackage } from '../support/frameworks.ts'
import { WebClient } from '../support/web-client.ts'

const skip = withoutPackage('flask', '2.0')

for (const args of [[], ['-w', '2'], ['--threads', '4']]) {
  test(`the guest book: ${args.join(' ') || 'as the page says'}`, { skip }, async () => {
    const directory = frameworkFolder('examples/flask')
    assert.match(readFileSync(join(directory, 'README.md'), 'utf8'), /^npx pulsar-wsgi guestbook:app$/m)
    const server = await serveIn(directory, ...args, 'guestbook:app')
    const client = new WebClient(server.address)
    assert.match((await client.get('/')).text, /<h1>Guest book<\/h1>/)
    const picture = randomBytes(20_000)
    const signed = await client.post('/', { name: 'Zoë', text: 'Hello, "you"', picture: new File([picture], 'a.PNG') })
    assert.deepEqual([signed.status, signed.headers.get('location')], [302, '/'])
    const page = await client.get('/')
    assert.match(page.text, /<p role="status">Thank you, Zoë!<\/p>/)
    assert.match(page.text, /<h2>Zoë<\/h2>\s*<p>Hello, &#34;you&#34;<\/p>/)
    assert.match(page.text, /name="name" value="Zoë"/)
    assert.doesNotMatch((await client.get('/')).text, /Thank you/)
    const path = /src="(\/pictures\/[^"]+)"/.exec(page.text)?.[1] ?? ''
    const whole = await client.raw(path)
    assert.equal(whole.headers.get('content-type'), 'image/png')
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(picture))
    const part = await client.raw(path, { headers: { Range: 'bytes=100-199' } })
    assert.deepEqual([part.status, Buffer.from(await part.arrayBuffer())], [206, picture.subarray(100, 200)])
    assert.equal((await client.get('/pictures/..%2Fguestbook.db')).status, 404)
    assert.equal((await client.get('/pictures/secret-key')).status, 404)
    const refused = await client.post('/', { name: 'a', text: 'b', picture: new File(['<script>'], 'a.html') })
    assert.equal(refused.status, 415)
    assert.equal((await client.post('/', { name: '', text: '' })).status, 302)
    await Promise.all(['one', 'two', 'three'].map((name) => new WebClient(server.address).post('/', { name, text: 'x, y' })))
    const lines = (await client.get('/entries.csv')).text.trim().split('\r\n')
    assert.deepEqual(lines.slice(0, 2), ['name,text', 'Zoë,"Hello, ""you"""'])
    assert.deepEqual(lines.slice(2).sort(), ['one,"x, y"', 'three,"x, y"', 'two,"x, y"'])
    await stopQuietly(server)
  })
}
