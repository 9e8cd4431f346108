/**
 * Every setting, declared once. The types, the command line, the environment, the config file, the help and
 * `docs/settings.md` come from here. A new setting is one row in a file of `table/`.
 */
import type { Row, Rows } from './row.ts'
import { application } from './table/application.ts'
import { limits } from './table/limits.ts'
import { logs } from './table/logs.ts'
import { operations } from './table/operations.ts'
import { processRows } from './table/process.ts'
import { proxies } from './table/proxies.ts'
import { python } from './table/python.ts'
import { server } from './table/server.ts'
import { tls } from './table/tls.ts'
import { timeouts } from './table/timeouts.ts'

export type Table =
  & typeof server & typeof tls & typeof proxies & typeof application & typeof timeouts & typeof limits & typeof processRows & typeof python
  & typeof logs & typeof operations

export type SettingName = keyof Table

export interface Section {
  readonly title: string
  readonly rows: Rows
}

/** In the order of the help and of the reference page. */
export const sections: readonly Section[] = [
  { title: 'Server', rows: server },
  { title: 'TLS', rows: tls },
  { title: 'Proxies', rows: proxies },
  { title: 'Application', rows: application },
  { title: 'Timeouts', rows: timeouts },
  { title: 'Limits', rows: limits },
  { title: 'Process', rows: processRows },
  { title: 'Python', rows: python },
  { title: 'Logs', rows: logs },
  { title: 'Operations', rows: operations },
]

/** The rows by name. */
export const table: Readonly<Record<SettingName, Row>> = {
  ...server, ...tls, ...proxies, ...application, ...timeouts, ...limits, ...processRows, ...python, ...logs, ...operations,
}

export const settingNames: readonly SettingName[] = Object.freeze(Object.keys(table) as SettingName[])

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(table, name)
}
