/** What a parent left in the environment: descriptors of listening sockets, where to report, that it waits for the start. */
import { formatAddress, parseAddress } from './address.ts'

/** Ours: from an arbiter to its successor, or from a command to the daemon that it started. Not a setting. */
export const handoverVariable = 'PULSAR_HANDOVER'

/** A bound socket that was inherited under a number. */
export interface InheritedSocket {
  /** As `formatAddress()` writes it; `fd:3` where only the number is known. */
  readonly address: string
  readonly fd: number
  /** It came by socket activation, and is served whatever the settings say. */
  readonly activated: boolean
}

export interface Handover {
  /** `successor` takes the sockets of a running arbiter; `daemon` was started in the background and reports to the command. */
  readonly role: 'successor' | 'daemon'
  /** The process that waits for the report. */
  readonly parent: number
  readonly sockets: readonly InheritedSocket[]
}

export interface Inherited {
  readonly handover: Handover | undefined
  /** Of systemd's socket activation, sd_listen_fds(3). */
  readonly activated: readonly number[]
  /** systemd waits for reports, sd_notify(3). */
  readonly notify: boolean
}

const FIRST = 3

/**
 * Reads what this process inherited, and takes it out of the environment so that no child takes it for its own.
 * @param pid of this process: variables meant for another are passed over
 */
export function takeInherited(pid: number): Inherited {
  const { LISTEN_FDS: count, LISTEN_PID: listener, NOTIFY_SOCKET: socket } = process.env
  const handover = readHandover(process.env[handoverVariable])
  const mine = count !== undefined && listener === String(pid) && /^\d{1,4}$/.test(count)
  for (const name of [handoverVariable, 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) Reflect.deleteProperty(process.env, name)
  return {
    handover, activated: mine ? Array.from({ length: Number(count) }, (_, i) => FIRST + i) : [],
    notify: socket !== undefined && socket !== '',
  }
}

/** The environment of a process that takes over. */
export function handoverEnvironment(handover: Handover): Record<string, string | undefined> {
  return { ...process.env, [handoverVariable]: JSON.stringify(handover) }
}

function readHandover(text: string | undefined): Handover | undefined {
  if (text === undefined) return undefined
  const { role, parent, sockets } = JSON.parse(text) as Handover
  const known = sockets.map(({ address, fd, activated }) => {
    const parsed = parseAddress(address)
    if (parsed === undefined) throw new Error(`${handoverVariable} names no address: ${address}`)
    return { address: formatAddress(parsed), fd, activated }
  })
  return { role, parent, sockets: known }
}
