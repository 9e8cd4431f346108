"""GET /down gives so many bytes as its query says, in blocks of 64 KiB; POST /up counts the bytes of the body."""

BLOCK = bytes(65536)


def application(environ, start_response):
    if environ['PATH_INFO'] == '/down':
        return down(int(environ['QUERY_STRING']), start_response)
    received = 0
    for piece in iter(lambda: environ['wsgi.input'].read(65536), b''):
        received += len(piece)
    body = str(received).encode()
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body]


def down(length, start_response):
    start_response('200 OK', [('Content-Type', 'application/octet-stream'), ('Content-Length', str(length))])
    return (BLOCK[:min(65536, length - at)] for at in range(0, length, 65536))
