import { givenRequestId, newRequestId } from '../gateway/request-id.ts'
import type { Peer } from '../http/peer.ts'
import type { RequestHead } from '../http/request-head.ts'
import type { ServerContext } from './server-context.ts'

/** What a request is called in logs: by a proxy that is believed, else by a name of its own. @param peer who sent it to this server */
export function requestName({ forwarding }: ServerContext, peer: Peer, head: RequestHead): string {
  return (forwarding.trusted.trusts(peer) ? givenRequestId(head) : undefined) ?? newRequestId()
}
