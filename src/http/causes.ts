/**
 * The one table of the answers that the server makes itself. Whoever refuses, times out or cuts names a row of it;
 * the row says what the client gets. `docs/errors.md` is generated from it.
 */

export interface Cause {
  /** The status of the answer; 0 where there is nobody, or no way left, to answer: the connection is cut. */
  readonly status: number
  /** Whose doing it is. A client's is logged as a warning, the others as errors. */
  readonly fault: 'client' | 'application' | 'server'
  /** What happened and what to do, for `docs/errors.md`. Never sent to a client. */
  readonly text: string
}

export const causes = {
  'bad-request-line': { status: 400, fault: 'client', text: 'The request line is not `method SP target SP version` (RFC 9112 section 3).' },
  'bad-method': { status: 400, fault: 'client', text: 'The method is not a token (RFC 9110 section 9.1).' },
  'bad-forwarded': { status: 400, fault: 'client', text: 'What a trusted proxy says of its client cannot be read: `Forwarded` (RFC 7239) or an `X-Forwarded-*` field (`docs/proxies.md`).' },
  'bad-proxy-header': { status: 0, fault: 'client', text: 'With `proxyProtocol`: the connection begins with no header of the PROXY protocol, with a malformed one, with none within `headerTimeout`, or is from an address that is not in `forwardedAllowIps`.' },
  'method-too-long': { status: 501, fault: 'client', text: 'The method is longer than any that is implemented: over 64 characters (RFC 9112 section 3).' },
  'bad-target': { status: 400, fault: 'client', text: 'The request target has characters that no URI may have, or is in a form that its method does not allow (RFC 9112 section 3.2).' },
  'request-line-too-long': { status: 414, fault: 'client', text: 'The request line is longer than `limitRequestLine`.' },
  'bad-version': { status: 400, fault: 'client', text: 'The protocol version is not `HTTP/` digit `.` digit (RFC 9112 section 2.3).' },
  'unsupported-version': { status: 505, fault: 'client', text: 'The major version of the protocol is not 1 (RFC 9110 section 15.6.6).' },
  'bare-lf': { status: 400, fault: 'client', text: 'A line ends with LF alone (RFC 9112 section 2.2 allows to refuse it; other readers of the same bytes may not see a line end there).' },
  'bad-field-line': { status: 400, fault: 'client', text: 'A field line has no colon, or a name that is not a token: white space before the colon included (RFC 9112 section 5.1).' },
  'bad-field-value': { status: 400, fault: 'client', text: 'A field value has a control character: CR and NUL included (RFC 9110 section 5.5).' },
  'folded-line': { status: 400, fault: 'client', text: 'A field line is folded (RFC 9112 section 5.2).' },
  'field-too-long': { status: 431, fault: 'client', text: 'A field line is longer than `limitRequestFieldSize`.' },
  'too-many-fields': { status: 431, fault: 'client', text: 'There are more field lines than `limitRequestFields`.' },
  'head-too-long': { status: 431, fault: 'client', text: 'The head, or the trailer section, is longer than `limitRequestHead`.' },
  'missing-host': { status: 400, fault: 'client', text: 'An HTTP/1.1 request has no `Host` (RFC 9112 section 3.2).' },
  'repeated-host': { status: 400, fault: 'client', text: 'There is more than one `Host` (RFC 9112 section 3.2).' },
  'bad-host': { status: 400, fault: 'client', text: 'The value of `Host`, or the authority of the target, is not `host [":" port]` (RFC 9112 section 3.2).' },
  'framing-conflict': { status: 400, fault: 'client', text: '`Content-Length` and `Transfer-Encoding` are both there: a smuggling attempt, or as good as one (RFC 9112 section 6.3).' },
  'bad-content-length': { status: 400, fault: 'client', text: '`Content-Length` is not one decimal number, or is repeated (RFC 9112 section 6.3).' },
  'bad-transfer-encoding': { status: 400, fault: 'client', text: '`chunked` is not the last transfer coding, is repeated, or the request is HTTP/1.0 (RFC 9112 sections 6.1 and 6.3).' },
  'unknown-transfer-coding': { status: 501, fault: 'client', text: 'A transfer coding other than `chunked` (RFC 9112 section 6.1).' },
  'bad-chunk': { status: 400, fault: 'client', text: 'A chunk has a size that is not hexadecimal, an invalid extension, or no CRLF behind its data (RFC 9112 section 7.1).' },
  'chunk-line-too-long': { status: 400, fault: 'client', text: 'The chunk extensions are longer than is of use to anybody: over 1 KiB in one chunk, or 16 KiB in one body (RFC 9112 section 7.1.1 asks for a limit).' },
  'body-too-long': { status: 413, fault: 'client', text: 'The body is longer than `limitRequestBody`, announced or counted.' },
  'header-timeout': { status: 408, fault: 'client', text: 'The head was not complete within `headerTimeout`.' },
  'body-timeout': { status: 408, fault: 'client', text: 'No byte of the body arrived for `bodyTimeout`.' },
  'http2-error': { status: 0, fault: 'client', text: 'An HTTP/2 connection broke the protocol, or a limit on resets and floods: it is closed with GOAWAY (RFC 9113 section 5.4.1).' },
  'expectation-failed': { status: 417, fault: 'client', text: 'An `Expect` other than `100-continue` (RFC 9110 section 10.1.1).' },
  'connect-refused': { status: 501, fault: 'client', text: '`CONNECT`, and the application did not take the connection over (RFC 9110 section 9.3.6).' },
  'bad-handshake': { status: 0, fault: 'client', text: 'The TLS handshake failed: no version, cipher or protocol in common, no certificate that `certReqs` asks for, something else than TLS, or nothing for `headerTimeout`. The log has which.' },
  'client-gone': { status: 0, fault: 'client', text: 'The client closed the connection before the answer was complete.' },
  'send-timeout': { status: 0, fault: 'client', text: 'The client took no byte of the answer for `sendTimeout`.' },
  'application-error': { status: 500, fault: 'application', text: 'The application threw, or broke the gateway\'s contract. The log has the whole error; the client sees the page only with `--debug`. Where the answer had begun, the connection is cut so that the client sees the truncation.' },
  'application-timeout': { status: 504, fault: 'application', text: 'The application did not begin its answer within `timeout`.' },
  'application-cut': { status: 0, fault: 'application', text: 'The application destroyed the connection, as a Node handler does with `res.destroy()`, before its answer was complete.' },
  'short-answer': { status: 0, fault: 'application', text: 'The application gave fewer bytes than its `Content-Length` said: the connection is cut, nothing else can tell the client.' },
  'worker-died': { status: 502, fault: 'application', text: 'The Python worker that handled the request died, or sent what is no answer. Another takes its place; whether the request had an effect is not known.' },
  'queue-full': { status: 503, fault: 'server', text: '`queueLimit` requests wait for a Python worker already; the answer has `Retry-After`.' },
  'websockets-full': { status: 503, fault: 'server', text: 'Every Python process has `pythonWebsockets` WebSockets already; the answer has `Retry-After`.' },
  'queue-timeout': { status: 503, fault: 'server', text: 'No Python worker was free for `queueTimeout`; the answer has `Retry-After`.' },
  'buffer-full': { status: 413, fault: 'client', text: 'The body is longer than `requestBufferLimit`, and is for a Python application, which is called when it has come whole.' },
  'overload': { status: 503, fault: 'server', text: 'There are `maxConnections` connections already; the answer has `Retry-After`.' },
  'descriptors-short': { status: 503, fault: 'server', text: 'Few file descriptors of the process are left (`ulimit -n`), which stay for connections that are open; the answer has `Retry-After`.' },
  'stopped': { status: 503, fault: 'server', text: 'The server stopped before the application answered; what ran longer than `gracefulTimeout` was ended.' },
} as const
causes satisfies Record<string, Cause>

export type CauseName = keyof typeof causes

/** A row of the table with what was seen: the log gets the detail, the client only the row's status. */
export interface Refusal {
  readonly cause: CauseName
  /** What exactly was wrong, for the log; text from the client is quoted and shortened by whoever writes it. */
  readonly detail: string
}
