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
  /** Of a connection that is encrypted as far as this server. */
  readonly tls?: TlsFacts
}

/** What a TLS handshake has settled. */
export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly protocol: string
  /** As OpenSSL calls it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** The host that the client named (RFC 6066 section 3); null where it named none. */
  readonly serverName: string | null
  /** The handshake was short, by a ticket of an earlier connection. */
  readonly resumed: boolean
  /** The client's certificate; null where it gave none. */
  readonly client: ClientCertificate | null
}

export interface ClientCertificate {
  /** Null where it is from an authority of `caCerts` and valid now; else why not, such as `CERT_HAS_EXPIRED`. */
  readonly problem: string | null
  /** Distinguished names as RFC 4514 writes them. */
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal. */
  readonly serial: string
  /** As the certificate's text form has them: `Nov 22 21:49:14 2026 GMT`. */
  readonly validFrom: string
  readonly validTo: string
  /** Of SHA-256, hexadecimal with colons. */
  readonly fingerprint: string
  readonly pem: string
}
