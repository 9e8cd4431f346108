import type { Rows } from '../row.ts'

export const server = {
  bind: {
    type: 'addresses', short: 'b', many: true, default: ['127.0.0.1:8060'], otherVariable: { name: 'PORT', prefix: ':' },
    text: `Where to listen: \`HOST:PORT\`, \`:PORT\` (all interfaces), \`PORT\` (on 127.0.0.1), \`HOST\` (port 8060),
      \`[IPV6]:PORT\`, \`unix:PATH\`, or \`fd:N\` for a listening socket that was inherited. Port 0 lets the system choose.
      May be repeated. The variable \`PORT\`, as hosting platforms set it, means \`:PORT\`.`,
  },
  backlog: {
    type: 'count', default: 2048, min: 1, max: 2_147_483_647,
    text: 'How many connections may wait to be accepted. The system may have a lower limit of its own.',
  },
  maxConnections: {
    type: 'count', default: 0, min: 0,
    text: 'How many connections may be open at once; one more is answered with 503 and closed. 0 is no limit.',
  },
  serverSoftware: {
    type: 'product', default: 'pulsar',
    text: 'The `Server` field of every answer, and `SERVER_SOFTWARE` for applications. Empty sends no `Server` field.',
  },
  http2: {
    type: 'choice', choices: ['on', 'off'], default: null, unset: 'on over TLS, off without',
    text: `HTTP/2 (RFC 9113) for clients that ask for it: over TLS by ALPN; without TLS, where it is \`on\`, those that begin
      with it (prior knowledge), beside HTTP/1.1 on the same address.`,
  },
} as const
server satisfies Rows
