import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AsyncString } from '../../../src/web/content/async-string.ts'
import { Html } from '../../../src/web/content/html.ts'
import { safe } from '../../../src/web/content/safe-markup.ts'
import { Router } from '../../../src/web/router/router.ts'
import { inject } from '../../../src/testing/index.ts'

function deferred(): { promise: Promise<string>, resolve: (text: string) => void } {
  let resolve: (text: string) => void = () => undefined
  const promise = new Promise<string>((settle) => { resolve = settle })
  return { promise, resolve }
}

async function piecesOf(content: AsyncString): Promise<string[]> {
  const pieces: string[] = []
  for await (const piece of content.stream()) pieces.push(piece)
  return pieces
}

test('strings, numbers, bytes and lists are one text, and nothing stands for nothing', async () => {
  const content = new AsyncString('a', 1, 2n, Buffer.from('é'), ['b', ['c']], null, undefined, false, true, '')
  assert.equal(await content.render(), 'a12ébc')
})

test('promises and async iterables are rendered in the order of the tree, not in that in which they come', async () => {
  const { promise, resolve } = deferred()
  async function* late(): AsyncGenerator<string | Promise<string>> {
    resolve('first')
    yield 'x'
    yield Promise.resolve('y')
  }
  const rendering = new AsyncString('[', promise, '|', late(), '|', Promise.resolve(['l', 1]), ']').render()
  resolve('first')
  assert.equal(await rendering, '[first|xy|l1]')
})

test('what is there is streamed before what is awaited', async () => {
  const { promise, resolve } = deferred()
  const stream = new AsyncString('now', promise, 'then').stream()
  assert.deepEqual(await stream.next(), { done: false, value: 'now' })
  resolve('later')
  assert.deepEqual([await stream.next(), await stream.next()].map(({ value }) => value), ['later', 'then'])
  assert.equal((await stream.next()).done, true)
})

test('an iterable is ended when the reader stops', async () => {
  let ended = false
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield 'x'
    } finally {
      ended = true
    }
  }
  for await (const piece of new AsyncString(endless()).stream()) {
    assert.equal(piece, 'x')
    break
  }
  assert.ok(ended)
})

test('a generator is read in its turn, item by item', async () => {
  const seen: number[] = []
  function* numbers(): Generator<number> {
    for (let i = 0; i < 3; i++) {
      seen.push(i)
      yield i
    }
  }
  const stream = new AsyncString(numbers()).stream()
  await stream.next()
  assert.deepEqual(seen, [0])
  await stream.return()
})

test('a promise that is rejected before its turn is an error at its turn', async () => {
  const content = new AsyncString(new Promise((resolve) => { setImmediate(resolve, 'a') }), Promise.reject(new Error('no b')))
  await new Promise((resolve) => { setImmediate(() => setImmediate(resolve)) })
  await assert.rejects(content.render(), /no b/)
})

test('content is rendered once, and nothing is added to it afterwards', async () => {
  const content = new AsyncString('a')
  await content.render()
  await assert.rejects(content.render(), /once/)
  assert.throws(() => content.stream(), /once/)
  assert.throws(() => content.append('b'), /too late/)
})

test('a node stands in one parent: to add it elsewhere moves it', () => {
  const node = new AsyncString('x')
  const first = new AsyncString(node)
  const second = new AsyncString('a', 'b')
  second.insert(1, node)
  assert.deepEqual(first.children, [])
  assert.deepEqual(second.children, ['a', node, 'b'])
  assert.equal(node.parent, second)
  second.append(node)
  assert.deepEqual(second.children, ['a', 'b', node])
  node.appendTo(first)
  assert.equal(node.parent, first)
  first.removeAll()
  assert.equal(node.parent, null)
})

test('a node cannot stand in itself or in what stands in it', () => {
  const inner = new AsyncString()
  const outer = new AsyncString(inner)
  assert.throws(() => inner.append(outer), /in itself/)
  outer.append(outer)
  assert.deepEqual(outer.children, [inner])
})

test('prepend, remove and null do as they say', () => {
  const content = new AsyncString('b')
  content.prepend('a').append(null).append(undefined)
  assert.deepEqual(content.children, ['a', 'b'])
  content.remove('a')
  content.remove('z')
  assert.deepEqual(content.children, ['b'])
})

test('beforeRender may still change the content', async () => {
  const content = new AsyncString('a')
  content.beforeRender((request, self) => {
    assert.equal(request, undefined)
    self.append('b')
    self.beforeRender((_, again) => { again.append('c') })
  })
  assert.equal(await content.render(), 'abc')
})

test('text is text, and is escaped only where it stands in HTML', async () => {
  assert.equal(await new AsyncString('<b>').render(), '<b>')
  assert.equal(await new Html('p', new AsyncString('<b>', safe('<i>'))).render(), '<p>&lt;b&gt;<i></p>')
})

test('a subclass makes its content of the request', async () => {
  class Greeting extends AsyncString {
    override doStream(): string[] {
      return ['hello ', 'you']
    }
  }
  assert.deepEqual(await piecesOf(new Greeting()), ['hello you'])
})

test('what is no content is refused', async () => {
  await assert.rejects(new AsyncString({} as unknown as string).render(), /a plain object/)
  await assert.rejects(new AsyncString((() => 1) as unknown as string).render(), /function/)
})

test('the content type is text until a subclass says otherwise', () => {
  assert.equal(new AsyncString().contentType, 'text/plain; charset=utf-8')
  assert.ok(new AsyncString().hasDefaultContentType)
  assert.ok(!new Html('p').hasDefaultContentType)
})

test('content that a handler returns is its answer, with the status, headers and cookies that it set', async () => {
  for (const child of ['there', Promise.resolve('there')]) {
    const response = await inject(new Router('/', { get: (request) => {
      request.response.status = 201
      request.response.headers.set('X-Set', 'yes')
      request.response.setCookie('seen', '1')
      return new Html('p', child)
    } }))
    const fields = ['x-set', 'set-cookie', 'content-type'].map((name) => response.headers.get(name))
    assert.deepEqual([response.status, response.text()], [201, '<p>there</p>'])
    assert.deepEqual(fields, ['yes', 'seen=1; Path=/', 'text/html; charset=utf-8'])
  }
})
