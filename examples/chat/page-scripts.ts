/** Scripts of a page that are written in TypeScript: browsers get them without their types, under the same names. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'oxc-transform'
import { Http404, Router, WsgiResponse, type WsgiRequest } from 'pulsar-wsgi'

/** All `.ts` files of a directory, below a path. @throws {SyntaxError} for one that is none */
export function pageScripts(path: string, directory: string): Router {
  const scripts = new Map(readdirSync(directory).filter((name) => name.endsWith('.ts')).map((name) => [name, withoutTypes(join(directory, name))]))
  const router = new Router(path)
  router.get('<name>', (request: WsgiRequest) => {
    const content = scripts.get(String(request.params.name))
    if (content === undefined) throw new Http404()
    return new WsgiResponse({ content, contentType: 'text/javascript' })
  })
  return router
}

function withoutTypes(path: string): string {
  const { code, errors } = transformSync(path, readFileSync(path, 'utf8'))
  const [error] = errors
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`)
  return code
}
