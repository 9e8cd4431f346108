/** Directories of files in front of an application: the setting `static`. */
import { resolve } from 'node:path'
import type { Mount } from '../config/mount.ts'
import { applicationKind } from '../gateway/own-gateway.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { MediaRouter } from '../web/static/media-router.ts'
import { mount } from '../web/mount.ts'

const filesOf = (directory: string): WSGIApplication => Object.assign(new MediaRouter('', resolve(directory)), { [applicationKind]: 'static' })

/** The application gets what is below none of the prefixes. */
export function staticFiles(directories: readonly Mount[], application: WSGIApplication): WSGIApplication {
  const files = directories.map(({ prefix, target }) => ({ prefix, application: filesOf(target) }))
  const covered = files.some(({ prefix }) => prefix === '')
  const all = covered ? files : [...files, { prefix: '', application }]
  return mount(Object.fromEntries(all.map((one) => [`${one.prefix}/`, one.application])))
}
