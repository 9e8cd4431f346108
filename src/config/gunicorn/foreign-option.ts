/** An option of gunicorn's that was given to pulsar: what to give instead. */
import { flagOf } from '../names.ts'
import { gunicornSettings } from './settings.ts'

/** What `-k` may have been given, and what does the same here. */
const classes: Readonly<Record<string, string>> = {
  sync: 'it is what Python workers do: leave the option out',
  gthread: 'threads are --threads N',
  gevent: 'there are no greenlets: --threads N (up to 1024) for views that wait, and slow clients hold no worker anyhow',
  eventlet: 'there are no greenlets: --threads N (up to 1024) for views that wait, and slow clients hold no worker anyhow',
  tornado: 'Tornado is no WSGI: a WSGI application takes --threads N',
  asgi: 'an application is a WSGI callable: there is no ASGI',
}

/**
 * @param option as it was written: `-k`, `--worker-class`
 * @param value what was given with it, as far as that can be told
 * @returns the end of a message; undefined for what gunicorn does not know either
 */
export function gunicornOption(option: string, value: string | undefined): string | undefined {
  const setting = Object.values(gunicornSettings).find(({ flags }) => flags?.includes(option))
  if (setting === undefined) return undefined
  if (option === '-k' || option === '--worker-class') {
    const known = classOf(value)
    if (known !== undefined) return `is gunicorn's; of its ${value} worker: ${known}`
  }
  return `is gunicorn's; here: ${setting.to === undefined ? setting.instead ?? '' : flagOf(setting.to)}`
}

/** What to do about a worker class, by its short name or its path. */
export function classOf(value: string | undefined): string | undefined {
  const name = value?.toLowerCase() ?? ''
  if (Object.hasOwn(classes, name)) return classes[name]
  return /uvicorn|asgi/.test(name) ? classes['asgi'] : Object.entries(classes).find(([short]) => name.includes(short))?.[1]
}
