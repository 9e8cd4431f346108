/** What the arbiter asks a worker for its admin server, and how a worker answers. */
import type { ProcessStacks } from '../../gateway/service.ts'
import type { LogLevel } from '../../observe/admin/control.ts'
import type { ProcessReport, ProcessRequests } from '../../observe/process-observer.ts'
import type { Json } from '../../process/messages.ts'
import type { RunningServer } from '../running-server.ts'

export type Question =
  /** Whether its event loop runs. */
  | { readonly ask: 'alive' }
  | { readonly ask: 'report' }
  | { readonly ask: 'requests' }
  | { readonly ask: 'health' }
  | { readonly ask: 'stacks' }
  | { readonly ask: 'logLevel', readonly level: LogLevel }

export interface Answers {
  alive: true
  report: ProcessReport | null
  requests: ProcessRequests | null
  /** Why it cannot do its work; empty where it can. */
  health: string
  stacks: readonly ProcessStacks[]
  logLevel: true
}

/** How long a process beside the server may take to tell its stacks, in milliseconds. */
export const STACKS_PATIENCE = 1500

export async function answerTo(server: RunningServer, question: Json): Promise<Json> {
  return await answers[(question as Question).ask](server, question as never)
}

type Answerers = {
  readonly [K in keyof Answers]: (server: RunningServer, question: Question & { readonly ask: K }) => Answers[K] | Promise<Answers[K]>
}

const answers: Answerers = {
  alive: () => true,
  report: reportOf,
  requests: ({ observer }) => observer?.requests() ?? null,
  health: healthOf,
  stacks: stacksOf,
  logLevel: ({ events }, { level }) => {
    events.publish('logLevel', { level })
    return true
  },
}

export function reportOf(server: RunningServer): ProcessReport | null {
  return server.observer?.report({ connections: server.connections, services: server.beside }) ?? null
}

export async function healthOf(server: RunningServer): Promise<string> {
  try {
    await server.checkHealth()
    return ''
  } catch (error) {
    return error instanceof Error && error.message !== '' ? error.message : String(error)
  }
}

export async function stacksOf(server: RunningServer): Promise<readonly ProcessStacks[]> {
  return (await Promise.all(server.beside.map((service) => service.stacks?.(STACKS_PATIENCE) ?? []))).flat()
}
