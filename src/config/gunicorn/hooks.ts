import type { GunicornSettings } from './setting.ts'

const typeScript = (name: string): string => `the hook ${name} of the config file, in TypeScript`
const none = 'there is no such moment here'

/** Functions of gunicorn's config file: called by its arbiter and workers, with objects of its own. */
export const gunicornHooks: GunicornSettings = {
  on_starting: { instead: `${typeScript('whenReady')}, which comes when the server serves` },
  on_reload: { instead: none },
  when_ready: { instead: typeScript('whenReady') },
  pre_fork: { instead: none },
  post_fork: { instead: 'what a process needs of its own, such as connections, is opened by the first request or at import; without preload each process imports for itself' },
  post_worker_init: { instead: 'code of the module that holds the application: it runs in each process' },
  worker_int: { instead: none },
  worker_abort: { instead: 'a request that takes too long is logged with its Python stack, without a hook' },
  pre_exec: { instead: none },
  pre_request: { instead: `WSGI middleware around the application, or ${typeScript('preRequest')}` },
  post_request: { instead: `WSGI middleware around the application, or ${typeScript('postRequest')}` },
  child_exit: { instead: none },
  worker_exit: { instead: 'atexit in Python' },
  nworkers_changed: { instead: none },
  on_exit: { instead: typeScript('whenExit') },
  ssl_context: { instead: 'TLS ends in Node.js' },
  on_dirty_starting: { instead: none },
  dirty_post_fork: { instead: none },
  dirty_worker_init: { instead: none },
  dirty_worker_exit: { instead: none },
}
