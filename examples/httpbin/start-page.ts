/** The start page: every route with what it is for, a link, and a way to try it. It is made of the routes themselves. */
import { Html, HtmlDocument, type Router, type WsgiRequest, type WsgiResponse } from 'pulsar-wsgi'

export interface Section {
  readonly title: string
  readonly text: string
  readonly routes: readonly Router[]
}

/** Nothing from elsewhere, and no code but the page's own file. */
export const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

export function startPage(request: WsgiRequest, sections: readonly Section[]): WsgiResponse {
  // Below a prefix, and asked for without its last slash: relative links would lead beside it.
  if (request.environ.PATH_INFO === '') return request.redirect(`${request.url.pathname}/`)
  const document = new HtmlDocument({ title: 'httpbin on Pulsar', mediaPath: 'media/', attributes: { lang: 'en' } })
  document.head.addMeta({ name: 'viewport', content: 'width=device-width, initial-scale=1' })
  document.head.addMeta({ name: 'color-scheme', content: 'light dark' })
  document.head.addMeta({ name: 'description', content: 'A service for trying HTTP clients, served by Pulsar' })
  document.head.links.append('httpbin.css')
  document.head.links.append('pulsar.svg', { rel: 'icon', type: 'image/svg+xml' })
  document.head.scripts.append('httpbin.js', { type: 'module' })
  document.body.append(heading(sections))
  document.body.append(new Html('div', { cn: 'columns' }, contents(sections), routes(sections), trial()))
  document.body.append(new Html('footer', new Html('p', 'One of the examples of ', new Html('strong', 'Pulsar'),
    ', an application server for Node.js. What you see is made of the routes that answer.')))
  const response = document.httpResponse(request)
  response.headers.set('Content-Security-Policy', policy)
  return response
}

function heading(sections: readonly Section[]): Html {
  const count = sections.reduce((sum, { routes }) => sum + routes.length, 0)
  return new Html('header',
    new Html('img', { src: 'media/pulsar.svg', alt: '', width: 64, height: 64 }),
    new Html('div', new Html('h1', 'httpbin'), new Html('p', `${count} routes for trying HTTP clients, served by Pulsar`)),
    // Works by a script, and is shown by it.
    new Html('input', { type: 'search', id: 'filter', placeholder: 'Filter routes', 'aria-label': 'Filter routes', hidden: true }))
}

function contents(sections: readonly Section[]): Html {
  const links = sections.map(({ title }) => new Html('li', new Html('a', { href: `#${anchor(title)}` }, title)))
  return new Html('nav', { 'aria-label': 'Sections' }, new Html('ul', ...links))
}

function routes(sections: readonly Section[]): Html {
  return new Html('main', ...sections.map(({ title, text, routes: own }) => new Html('section', { id: anchor(title) },
    new Html('h2', title), new Html('p', text), new Html('ul', { cn: 'routes' }, ...own.map(item)))))
}

/** One route. Relative links hold below any prefix. */
function item(route: Router): Html {
  const query = route.getParam('query')
  const href = `.${route.path()}${typeof query === 'string' ? `?${query}` : ''}`
  const rule = new Html('code', ...ruleParts(route.fullRoute.path))
  const { methods } = route
  const [first = 'GET'] = methods
  const badges = methods.length > 3
    ? [new Html('b', { cn: 'any', title: methods.join(', ') }, 'ANY')]
    : methods.map((method) => new Html('b', { cn: method.toLowerCase() }, method))
  return new Html('li',
    new Html('span', { cn: 'methods' }, ...badges),
    new Html('div', first === 'GET' ? new Html('a', { href }, rule) : rule, new Html('p', String(route.getParam('title', '')))),
    new Html('button', { type: 'button', data: { method: first, path: href.slice(1) }, 'aria-label': `Try ${first} ${readable(route.fullRoute.path)}`, hidden: true }, 'Try'))
}

/** `/delay/<int:seconds>` as people read it: the variables by their names, told apart by more than brackets. */
function ruleParts(path: string): (Html | string)[] {
  return path.split(/(<[^<>]+>)/).map((part) => (part.startsWith('<') ? new Html('var', readable(part)) : part))
}

const readable = (path: string): string => path.replace(/<(?:[^<>]*:)?(\w+)>/g, '$1')

/** Where a request is written and its answer shown; hidden until the script has something to do with it. */
function trial(): Html {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((method) => new Html('option', method))
  return new Html('aside', { id: 'trial', hidden: true, 'aria-label': 'Try a route' },
    new Html('form',
      new Html('select', { name: 'method', 'aria-label': 'Method' }, ...methods),
      new Html('input', { name: 'path', 'aria-label': 'Path', autocomplete: 'off', spellcheck: 'false' }),
      new Html('button', 'Send'),
      new Html('button', { type: 'button', id: 'close', 'aria-label': 'Close' }, '×'),
      new Html('textarea', { name: 'body', rows: 3, 'aria-label': 'Body', placeholder: 'Body' })),
    new Html('output', { 'aria-live': 'polite' }))
}

const anchor = (title: string): string => title.toLowerCase()
