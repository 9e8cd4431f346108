/** The frames of the wire to a Python worker, as docs/wire.md has them. */

export const WIRE_VERSION = 1
/** Length of the payload, type, id. */
export const FRAME_HEAD = 9
export const LONGEST_PAYLOAD = 67_108_864
export const LONGEST_PULL = 1_048_576

export const ToWorker = {
  REQUEST: 1,
  START: 16, CANCEL: 17, CREDIT: 18, BODY: 19, BODY_FAILED: 20, RECALL: 21, TIMEOUT: 22, DRAIN: 23, FORK: 24, FILE_TAKEN: 25,
  FILE_REFUSED: 26, CLIENT_ENDED: 27, TUNNEL: 28,
} as const

export const ToServer = {
  HELLO: 32, LOADED: 33, FAILED: 34, PULL: 35, RECALLED: 36, STACK: 37, EXITED: 38, WARNING: 39, LEAVING: 40,
  ANSWER: 64, HEAD: 65, DATA: 66, END: 67, FILE: 68, ERROR: 69, NOTE: 70, PUBLISH: 71, METRIC: 72, BORROW: 73, WROTE: 74,
} as const

/** What the server reads: which socket a frame comes on, how long its payload may be, whether it is about a request. */
export interface FrameRule {
  readonly socket: 'data' | 'control' | 'both'
  readonly shortest: number
  readonly longest: number
  readonly request: boolean
}

const own = (socket: FrameRule['socket'], longest: number = LONGEST_PAYLOAD): FrameRule => ({ socket, shortest: 0, longest, request: false })
const of = (socket: FrameRule['socket'], shortest: number, longest: number = LONGEST_PAYLOAD): FrameRule =>
  ({ socket, shortest, longest, request: true })

/** By type; undefined for what no server reads. */
export const frameRules: readonly (FrameRule | undefined)[] = Object.assign(new Array<FrameRule | undefined>(256).fill(undefined), {
  [ToServer.HELLO]: own('both', 4096),
  [ToServer.LOADED]: own('control'),
  [ToServer.FAILED]: own('control'),
  [ToServer.PULL]: of('control', 4, 4),
  [ToServer.RECALLED]: own('control'),
  [ToServer.STACK]: of('control', 0),
  [ToServer.EXITED]: own('control'),
  [ToServer.WARNING]: own('control'),
  [ToServer.LEAVING]: own('control', 0),
  [ToServer.ANSWER]: of('data', 4),
  [ToServer.HEAD]: of('data', 4),
  [ToServer.DATA]: of('data', 1, 262_144),
  [ToServer.END]: of('data', 0, 0),
  [ToServer.FILE]: of('data', 4),
  [ToServer.ERROR]: of('data', 0),
  [ToServer.NOTE]: of('data', 0),
  [ToServer.BORROW]: of('data', 4),
  [ToServer.WROTE]: of('data', 4, 4),
  [ToServer.PUBLISH]: own('data'),
  [ToServer.METRIC]: own('data', 8192),
})

/** The other side does not keep to the wire: its connection is to be ended. */
export class WireError extends Error {
  override readonly name: string = 'WireError'
}
