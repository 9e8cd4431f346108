import { givenRequestId, newRequestId } from '../gateway/request-id.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'

/** What a request is called in logs: by a proxy on this machine, else by a name of its own. */
export function requestName(peer: Peer, head: RequestHead): string {
  return (isLocal(peer) ? givenRequestId(head) : undefined) ?? newRequestId()
}

/** Who is on this machine: a proxy beside the server. */
const isLocal = ({ remoteAddress }: Peer): boolean => remoteAddress === '' || remoteAddress === '127.0.0.1' || remoteAddress === '::1'
