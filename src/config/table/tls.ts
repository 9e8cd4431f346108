import type { Rows } from '../row.ts'

export const tls = {
  certFile: {
    type: 'path', metavar: 'FILE', default: null, unset: 'no TLS',
    text: `The certificate in PEM, with those between it and the authority behind it. With it every address is served over
      TLS, 1.2 and 1.3. Read again on HUP, by new workers or by a server without any: a renewed one is in use then.`,
  },
  keyFile: {
    type: 'path', metavar: 'FILE', default: null, unset: 'in `certFile`, with the certificate',
    text: 'The private key of the certificate, in PEM, without a passphrase. Read before `user` is assumed.',
  },
  certificates: {
    type: 'certificates', many: true, default: [],
    text: `Further certificates, for other host names: \`CERTFILE:KEYFILE\`, in a config file \`{ certFile, keyFile }\`. A client that
      names a host gets the first one that is made out for it, that of \`certFile\` before the others; everybody else gets that
      of \`certFile\`.`,
  },
  caCerts: {
    type: 'path', metavar: 'FILE', default: null, unset: 'none',
    text: 'The certificates, in PEM, of the authorities that certificates of clients must be from.',
  },
  certReqs: {
    type: 'choice', choices: ['none', 'optional', 'required'], default: 'none',
    text: `Whether clients are asked for a certificate: \`optional\` asks and tells the application what came, \`required\` ends the
      handshake of those that have none from \`caCerts\`.`,
  },
} as const
tls satisfies Rows
