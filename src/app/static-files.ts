/** Directories of files in front of an application: the setting `static`. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Mount } from '../config/mount.ts'
import { applicationKind } from '../gateway/own-gateway.ts'
import type { WSGIApplication } from '../gateway/wsgi.ts'
import { StartFailure } from '../process/start-failure.ts'
import { MediaRouter } from '../web/static/media-router.ts'
import { mount } from '../web/mount.ts'

function filesOf({ prefix, target }: Mount): WSGIApplication {
  const directory = resolve(target)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) throw new StartFailure(2, `static: ${prefix === '' ? '/' : prefix}=${target}: there is no directory ${directory}`)
  return Object.assign(new MediaRouter('', directory), { [applicationKind]: 'static' })
}

/** The application gets what is below none of the prefixes. @throws {StartFailure} where a directory is missing */
export function staticFiles(directories: readonly Mount[], application: WSGIApplication): WSGIApplication {
  const files = directories.map((one) => ({ prefix: one.prefix, application: filesOf(one) }))
  const covered = files.some(({ prefix }) => prefix === '')
  const all = covered ? files : [...files, { prefix: '', application }]
  return mount(Object.fromEntries(all.map((one) => [`${one.prefix}/`, one.application])))
}
