/** Frameworks beside Express, Koa, Fastify and Hono, each served by the command as its own pages have it, over HTTP/1.1 and HTTP/2. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { Http2Client } from '../support/http2-client.ts'
import { projectRoot } from '../support/project.ts'
import { startCommand } from '../support/start-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'pulsar-served-'))
after(() => rmSync(folder, { recursive: true }))
symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
write('package.json', '{ "type": "module" }')
write('tsconfig.json', '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }')

const elysia = `.get('/', () => 'hello')
  .get('/json/:id', ({ params }) => ({ id: params.id }))
  .post('/echo', ({ body }) => ({ got: body }), { body: t.Object({ a: t.Number() }) })
  .get('/stream', function* () { yield 'a'; yield 'b'; yield 'c' })`

write('elysia.ts', `import { Elysia, t } from 'elysia'\nexport default new Elysia()${elysia}\n`)
write('elysia-node.ts', `import { Elysia, t } from 'elysia'
import { node } from '@elysiajs/node'
new Elysia({ adapter: node() })${elysia}
  .ws('/ws', { message(ws, text) { ws.send({ got: text }) } })
  .listen(3000)
`)
write('h3.ts', `import { H3, readBody } from 'h3'
const app = new H3()
app.get('/', () => 'hello')
app.get('/json/:id', (event) => ({ id: event.context.params!.id }))
app.post('/echo', async (event) => ({ got: await readBody(event) }))
app.get('/stream', () => new ReadableStream({
  async pull(controller) {
    for (const text of ['a', 'b', 'c']) {
      controller.enqueue(new TextEncoder().encode(text))
      await new Promise((resolve) => { setTimeout(resolve, 5) })
    }
    controller.close()
  },
}))
export default app
`)
const controller = `import 'reflect-metadata'
import { Body, Controller, Get, Header, HttpCode, Injectable, Module, Param, Post, StreamableFile } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Readable } from 'node:stream'
@Injectable() class Names { greeting(): string { return 'hello' } }
@Controller() class Pages {
  constructor(private readonly names: Names) {}
  @Get() hello(): string { return this.names.greeting() }
  @Get('json/:id') one(@Param('id') id: string): object { return { id } }
  @Post('echo') @HttpCode(200) echo(@Body() got: unknown): object { return { got } }
  @Get('stream') stream(): StreamableFile { return new StreamableFile(Readable.from(['a', 'b', 'c'].map((text) => Buffer.from(text)))) }
}
@Module({ controllers: [Pages], providers: [Names] }) class Application {}
`
write('nest.ts', `${controller}export default await NestFactory.create(Application, { logger: false })\n`)
write('nest-listens.ts', `${controller}const app = await NestFactory.create(Application, { logger: false })\nvoid app.listen(3000)\n`)

const webSocketSays = (url: string): Promise<string> => new Promise((resolve, reject) => {
  const socket = new WebSocket(url)
  socket.on('open', () => socket.send('hi'))
  socket.on('message', (bytes) => {
    socket.close()
    resolve(String(bytes))
  })
  socket.on('error', reject)
})

for (const name of ['h3', 'elysia', 'elysia-node', 'nest', 'nest-listens']) {
  describe(name, () => {
    test('answers text, JSON, what was sent and a stream, over both versions of HTTP', async () => {
      const server = await startCommand([`${name}.ts`, '-b', '127.0.0.1:0', '-w', '0', '--http2', 'on'], { cwd: folder })
      const first = await fetch(`${server.address}/`)
      assert.deepEqual([first.status, await first.text()], [200, 'hello'])
      assert.deepEqual(await (await fetch(`${server.address}/json/7`)).json(), { id: '7' })
      const headers = { 'content-type': 'application/json' }
      assert.deepEqual(await (await fetch(`${server.address}/echo`, { method: 'POST', body: '{"a":1}', headers })).json(), { got: { a: 1 } })
      assert.equal(await (await fetch(`${server.address}/stream`)).text(), 'abc')
      assert.equal((await fetch(`${server.address}/nothing`)).status, 404)
      {
        await using client = await Http2Client.connect(server.address)
        const bodies = []
        for (const path of ['/', '/json/7', '/stream']) bodies.push((await client.request({ ':path': path })).body.toString())
        bodies.push((await client.request({ ':path': '/echo', ':method': 'POST', ...headers }, '{"a":1}')).body.toString())
        assert.deepEqual(bodies, ['hello', '{"id":"7"}', 'abc', '{"got":{"a":1}}'])
      }
      if (name === 'elysia-node') assert.equal(await webSocketSays(`${server.address.replace('http', 'ws')}/ws`), '{"got":"hi"}')
      const { code, stderr } = await server.stop()
      assert.equal(code, 0, stderr)
      assert.doesNotMatch(stderr, /"level":"(?:warning|error|critical)"/)
    })
  })
}
