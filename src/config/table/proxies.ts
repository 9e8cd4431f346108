import type { Rows } from '../row.ts'

export const proxies = {
  forwardedAllowIps: {
    type: 'peers', many: true, default: ['127.0.0.1', '::1'],
    text: `The proxies that are believed in what they say of their clients: addresses, ranges such as \`10.0.0.0/8\`, and \`unix\` for
      whoever connects to a unix socket. \`*\` believes everybody who connects, and nobody whom those name. Empty: nobody.
      \`docs/proxies.md\` tells more.`,
  },
  forwardedFields: {
    type: 'forwardedFields', many: true, default: null, unset: 'all of them',
    text: `The fields that count from such a proxy. Name those that your proxies set or remove themselves: others come from clients.
      Empty: none.`,
  },
  proxyProtocol: {
    type: 'flag', default: false,
    text: `Every connection begins with a header of the PROXY protocol, version 1 or 2, before TLS too, which tells who the client is.
      It must come from an address of \`forwardedAllowIps\`; a connection from elsewhere, or without the header, is closed.`,
  },
} as const
proxies satisfies Rows
