/** Names of fields that an editor can offer; any other name is as good. */

/** What an answer commonly has (IANA's "HTTP Field Name Registry"). */
export type ResponseHeaderName =
  | 'Accept-Ranges' | 'Access-Control-Allow-Origin' | 'Age' | 'Allow' | 'Cache-Control' | 'Content-Disposition'
  | 'Content-Encoding' | 'Content-Language' | 'Content-Length' | 'Content-Location' | 'Content-Range'
  | 'Content-Security-Policy' | 'Content-Type' | 'Date' | 'ETag' | 'Expires' | 'Last-Modified' | 'Link' | 'Location'
  | 'Referrer-Policy' | 'Retry-After' | 'Server' | 'Set-Cookie' | 'Strict-Transport-Security' | 'Vary' | 'WWW-Authenticate'
  | 'X-Content-Type-Options' | 'X-Frame-Options'
  | (string & {})

/** What a request commonly has; names are in lower case, as a request gives them. */
export type RequestHeaderName =
  | 'accept' | 'accept-charset' | 'accept-encoding' | 'accept-language' | 'authorization' | 'cache-control' | 'content-encoding'
  | 'content-length' | 'content-type' | 'cookie' | 'forwarded' | 'host' | 'if-match' | 'if-modified-since' | 'if-none-match'
  | 'if-range' | 'if-unmodified-since' | 'origin' | 'range' | 'referer' | 'user-agent' | 'x-requested-with'
  | (string & {})

/** Fields to begin with: by name, a list being a line for each value; or as pairs. A web `Headers` is one, too. */
export type HeaderInit =
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string | number]>
