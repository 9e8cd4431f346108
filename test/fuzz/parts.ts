/** Parts of requests, latin-1: usual ones, and odd ones that servers are known to read in different ways, or should refuse. */
export const methods = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'] as const
export const oddMethods = [
  'CONNECT', 'get', 'Get', 'M-SEARCH', 'PRI', 'SOURCE', 'QUERY', 'FOO', 'G=T', 'GET\x00', 'G\tT', '',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', ' GET', 'HTTP/1.1',
] as const
export const oddTargets = [
  '*', 'http://h/', 'http://other:81/a?b', 'HTTP://h', 'https://h/x', 'ftp://h/', 'h:80', '//h/a', '/#f', '/\xe4', '/a b', '',
  '/\t', '/\x00', '/\x7f', 'a', 'http://', 'http://u@h/', 'http://h:99999/', 'http://[::1]/', '?q', '/%', '/..;/', '/\\',
  'http:/h', '/\x0b',
] as const
export const oddVersions = [
  'HTTP/1.0', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.10', 'HTTP/01.1', 'http/1.1', 'HTTP/1.', 'HTTP/1', 'HTTP',
  '', 'HTTP/1.1 ', 'ICE/1.0', 'RTSP/1.0', 'HTTP/9.9', 'HTTP/1,1',
] as const
export const hosts = ['h', 'h.example', 'h:80', '[::1]', '192.0.2.1:8080'] as const
export const oddHosts = [
  '', ' ', 'h:', ':80', 'h:x', 'h:99999', 'u@h', 'h/p', 'a b', 'a,b', 'h\xe4', '[::1', '::1', '[]', '%61', '%', 'h#', 'h\\',
  'a_b', 'http://h',
] as const
export const names = [
  'User-Agent', 'Accept', 'Cookie', 'X-A', 'x-b', 'Content-Type', 'Keep-Alive', 'TE', 'Trailer', 'Range', 'Proxy-Connection',
] as const
export const oddNames = [
  'X_A', 'Proxy', 'content_length', 'Transfer_Encoding', 'X A', 'X-A ', ' X-A', '', 'X\x00', 'X\xe4', 'X(', 'X\t', '\tX', 'X\r',
  'Content-Length\x0b', 'Transfer-Encoding\xa0',
] as const
export const values = ['', 'a', 'text/html, */*;q=0.1', 'a=b; c="d e"', '\xe4\xf6', 'a:b', 'x y', '"', '1'] as const
export const oddValues = [
  'a\x00b', 'a\rb', 'a\nb', '\x01', '\x7f', 'a\x0bb', '\x0c', 'a\r\n b', 'a\r\n\tb', '\x1b[0m', 'a\r',
] as const
export const oddLengths = [
  '', '+5', '-1', '5 ', ' 5', '05', '0x5', '5,5', '5, 5', '5a', '1e1', '99999999999999999999', '18446744073709551616',
  '9007199254740993', '5;', '5\x0b', '\xb2', '5.0',
] as const
export const oddCodings = [
  'Chunked', 'CHUNKED', ' chunked', 'chunked ', '\tchunked', 'gzip, chunked', 'chunked, gzip', 'gzip', 'identity',
  'chunked, chunked', ',chunked', 'chunked,', 'xchunked', 'chunkedx', 'chunked;a=b', '"chunked"', 'chun ked', '', '\x0bchunked',
  'chunked\x00', '\xa0chunked', 'cow', 'chunked, identity', 'identity, chunked',
] as const
export const connections = [
  'close', 'keep-alive', 'Close', 'Keep-Alive', 'keep-alive, close', 'close, keep-alive', 'upgrade', 'te', 'x, close', '',
  'closed', 'close,', 'Content-Length', ', ,', 'keep-alive,upgrade',
] as const
export const expectations = [
  '100-continue', '100-Continue', '100-continue, x', '200-ok', '100-continue;a', '', 'x 100-continue',
] as const
export const paddings = ['', ' ', ' ', ' ', ' ', '  ', '\t'] as const
export const lineEnds = ['\n', '\r', '\r\r\n', '\n\r', '\r\n\r\n', ' \r\n', '\r\n ', ''] as const
export const oddSizes = [
  '', '-1', '+5', '0x5', '5 ', ' 5', '05', '000000005', 'g', '5_', 'ffffffffffffffff', '10000000000000005', 'fffffffffffff',
  '5\x00', '5.', 'FFFFFFFFFFFFFFFFF',
] as const
export const extensions = [
  ';a', ';a=b', ';a="b c"', ';a="\\""', ';a;b=c', ';', ';;', '; a', ' ;a', ';a =b', ';a= b', ';a="', ';a=b"', ';a="\x00"',
  ';a=\xe4', ';"a"', ';a="\xe4"', ';a\rb', ';=', ';a=', ';a="\x07"', ';a="b";c', ';a,b', ';a="\t"', '\t;a', ';a=b=',
] as const
export const trailers = ['T: x', 'X-Sum: 1', 'x-b:\t\xe4'] as const
export const oddTrailers = [
  'Content-Length: 5', 'Host: x', 'Transfer-Encoding: chunked', 'X_Y: z', 'T : x', ' T: x', 'T', 'T: a\x00', 'Cookie: a',
] as const
export const contents = [
  '', 'a', 'hello', 'hello world', '0\r\n\r\n', 'GET /inner HTTP/1.1\r\nHost: h\r\n\r\n', '\r\n', '\x00\xff',
] as const
export const path: string = 'abcXYZ0189-._~!$&\'()*+,;=:@%/?"|^{}'
export const damages = [
  '\r', '\n', '\r\n', '\x00', ' ', '\t', ':', ',', ';', '\x0b', '\x0c', '\x7f', '\x80', '\xa0', '\xff', '0', '1', 'a', '#', '"',
] as const
