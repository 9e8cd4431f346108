/** Bottle, Falcon and Pyramid: each serves a page, takes a form, streams, and fails as it should. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { frameworkFolder, serveIn, stopQuietly, withoutPackage } from '../../support/frameworks.ts'
import { WebClient } from '../../support/web-client.ts'

interface Framework {
  readonly name: string
  readonly target: string
  readonly source: string
}

/** Each has the same four paths. */
const frameworks: readonly Framework[] = [
  {
    name: 'bottle', target: 'application:app', source: `
import bottle
app = bottle.Bottle()

@app.get('/hello/<name>')
def hello(name):
    bottle.response.set_cookie('seen', name, secret='a key')
    return {'hello': name, 'query': bottle.request.query.q}

@app.post('/form')
def form():
    return bottle.request.forms.getunicode('text') + ' ' + str(len(bottle.request.files['file'].file.read()))

@app.get('/stream')
def stream():
    bottle.response.content_type = 'text/plain'
    for number in range(3):
        yield '%d;' % number

@app.get('/raises')
def raises():
    raise RuntimeError('a word that no client may see')
`,
  },
  {
    name: 'falcon', target: 'application:make()', source: `
import falcon

class Hello:
    def on_get(self, request, response, name):
        response.set_cookie('seen', name, secure=False)
        response.media = {'hello': name, 'query': request.get_param('q')}

class Form:
    def on_post(self, request, response):
        parts = {part.name: part.stream.read() for part in request.get_media()}
        response.text = parts['text'].decode() + ' ' + str(len(parts['file']))

class Stream:
    def on_get(self, request, response):
        response.content_type = 'text/plain'
        response.stream = (b'%d;' % number for number in range(3))

class Raises:
    def on_get(self, request, response):
        raise RuntimeError('a word that no client may see')

def make():
    app = falcon.App()
    for path, resource in [('/hello/{name}', Hello()), ('/form', Form()), ('/stream', Stream()), ('/raises', Raises())]:
        app.add_route(path, resource)
    return app
`,
  },
  {
    name: 'pyramid', target: 'application:app', source: `
from pyramid.config import Configurator
from pyramid.response import Response

def hello(request):
    request.response.set_cookie('seen', request.matchdict['name'])
    return {'hello': request.matchdict['name'], 'query': request.params.get('q')}

def form(request):
    return Response(request.POST['text'] + ' ' + str(len(request.POST['file'].file.read())))

def stream(request):
    return Response(app_iter=(b'%d;' % number for number in range(3)), content_type='text/plain')

def raises(request):
    raise RuntimeError('a word that no client may see')

with Configurator() as config:
    for view, path, options in [
        (hello, '/hello/{name}', {'renderer': 'json'}), (form, '/form', {'request_method': 'POST'}), (stream, '/stream', {}), (raises, '/raises', {}),
    ]:
        config.add_route(view.__name__, path)
        config.add_view(view, route_name=view.__name__, **options)
    app = config.make_wsgi_app()
`,
  },
]

for (const { name, target, source } of frameworks) {
  const skip = withoutPackage(name)
  for (const threads of ['1', '4']) {
    test(`${name} is served, threads: ${threads}`, { skip }, async () => {
      const directory = frameworkFolder()
      writeFileSync(join(directory, 'application.py'), source)
      const server = await serveIn(directory, '--threads', threads, target)
      const client = new WebClient(server.address)
      const hello = await client.get('/hello/ada?q=%C3%BC')
      assert.deepEqual([hello.status, JSON.parse(hello.text)], [200, { hello: 'ada', query: 'ü' }])
      assert.ok(client.cookies.has('seen'))
      const posted = await client.post('/form', { text: 'größer', file: new File([Buffer.alloc(300_000)], 'f.bin') })
      assert.deepEqual([posted.status, posted.text], [200, 'größer 300000'])
      const stream = await client.get('/stream')
      assert.deepEqual([stream.text, stream.headers.get('content-length')], ['0;1;2;', null])
      assert.equal((await client.get('/nowhere')).status, 404)
      const raised = await client.get('/raises')
      assert.equal(raised.status, 500)
      assert.doesNotMatch(raised.text, /a word that no client may see|Traceback/)
      await server.logged(/RuntimeError: a word that no client may see/)
      await stopQuietly(server, /a word that no client may see|Python worker \d+: |ERROR|Deprecat/)
    })
  }
}
