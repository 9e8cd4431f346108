/** Who is at both ends of a connection. Facts of the transport, with trusted forwarding already applied. */
export interface Peer {
  /** The client's address; empty for a unix socket. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** The address that the connection was accepted on: an IP address, or the path of a unix socket. */
  readonly localAddress: string
  /** 0 for a unix socket. */
  readonly localPort: number
  readonly encrypted: boolean
}
