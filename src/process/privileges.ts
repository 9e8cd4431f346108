/** Users and groups: found by name or number, and taken on. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Identity {
  /** The name, where it was given by name. */
  readonly user: string
  readonly uid: number
  readonly gid: number
  /** False where only the group changes. */
  readonly changesUser: boolean
}

/** @throws {Error} with one line about what is unknown, or not permitted */
export function findIdentity(user: string | null, group: string | null): Identity | null {
  if (user === null && group === null) return null
  const uid = user === null ? process.getuid?.() ?? 0 : idOf('-u', user)
  if (uid === null) throw new Error(`there is no user ${user}`)
  const gid = group === null ? idOf('-g', user as string) ?? process.getgid?.() ?? 0 : groupId(group)
  if (gid === null) throw new Error(`there is no group ${group}`)
  const same = uid === process.getuid?.() && gid === process.getgid?.()
  if (!same && process.geteuid?.() !== 0) throw new Error(`only root may become user ${user ?? uid}, group ${group ?? gid}`)
  return same ? null : { user: user ?? String(uid), uid, gid, changesUser: user !== null }
}

/** Supplementary groups and group first: without the user's right they could not be had any more. */
export function assume({ user, uid, gid, changesUser }: Identity): void {
  if (changesUser && !/^\d+$/.test(user)) (process as unknown as { initgroups(user: string, gid: number): void }).initgroups(user, gid)
  else process.setgroups?.([gid])
  process.setgid?.(gid)
  if (changesUser) process.setuid?.(uid)
}

/** By the system's own `id`, which knows users that are in no file (LDAP and the like). */
function idOf(option: '-u' | '-g', user: string): number | null {
  const { status, stdout } = spawnSync('id', [option, '--', user], { encoding: 'utf8' })
  if (status === 0) return Number(stdout)
  // A number may be used that no name belongs to.
  return /^\d+$/.test(user) ? Number(user) : null
}

function groupId(group: string): number | null {
  if (/^\d+$/.test(group)) return Number(group)
  const { status, stdout } = spawnSync('getent', ['group', group], { encoding: 'utf8' })
  const line = status === 0 ? stdout : groupsFile().find((one) => one.startsWith(`${group}:`))
  const number = line?.split(':')[2]
  return number === undefined ? null : Number(number)
}

function groupsFile(): readonly string[] {
  try {
    return readFileSync('/etc/group', 'utf8').split('\n')
  } catch {
    return []
  }
}
