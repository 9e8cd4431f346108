/** The rooms of src/ and who may import whom: the table of docs/architecture.md as data. */

export interface Room {
  readonly name: string
  /** Rooms whose code it may import. Every file may import its own room. */
  readonly imports: readonly string[] | 'all'
  /** Rooms of which it may import types only. */
  readonly types?: readonly string[]
  /** Bytes and values in, bytes and values out: no socket, clock, timer or process; of Node only types, and the global Buffer. */
  readonly pure?: true
}

export const rooms: readonly Room[] = [
  { name: 'http', imports: [], pure: true },
  { name: 'events', imports: ['http'], pure: true },
  { name: 'config', imports: ['http'] },
  { name: 'gateway', imports: ['http', 'events'], types: ['config'] },
  { name: 'gateway/adapters', imports: ['http', 'events', 'config', 'gateway'] },
  { name: 'sockets', imports: [] },
  { name: 'server', imports: ['http', 'config', 'gateway', 'events', 'sockets'] },
  { name: 'process', imports: ['config', 'events'] },
  { name: 'python', imports: ['python/wire', 'http', 'config', 'gateway', 'process', 'events', 'sockets'] },
  { name: 'python/wire', imports: [], pure: true },
  { name: 'web', imports: ['http', 'gateway'], types: ['config'] },
  { name: 'pubsub', imports: ['process', 'events'] },
  { name: 'ws', imports: ['http', 'gateway', 'web', 'pubsub', 'events'] },
  { name: 'rpc', imports: ['http', 'gateway', 'web', 'rpc/protocol'] },
  { name: 'rpc/protocol', imports: [], pure: true },
  { name: 'observe', imports: ['http', 'config', 'gateway', 'process', 'events'] },
  { name: 'testing', imports: ['http', 'config', 'gateway', 'web', 'pubsub', 'events'] },
  {
    name: 'app',
    imports: [
      'http', 'events', 'config', 'gateway', 'gateway/adapters', 'sockets', 'server', 'process', 'python', 'web', 'pubsub', 'ws', 'rpc', 'observe', 'testing',
    ],
  },
  { name: 'cli', imports: ['app', 'config'] },
  /** What the package exports. Nothing imports it. */
  { name: 'index', imports: 'all' },
]

/** The only room that reads `process.env` and `process.argv`. */
export const roomOfProcessInput = 'config'

/** The room of a path below src/, the most exact one; undefined where the table has none. */
export function roomOf(path: string): Room | undefined {
  return rooms
    .filter(({ name }) => path === `${name}.ts` || path.startsWith(`${name}/`))
    .sort((a, b) => b.name.length - a.name.length)[0]
}
