"""Hello, and what slow clients ask for: POST counts the body, /large gives 900,000 bytes, /sleep sleeps as many seconds as its query says."""

import time

LARGE = b'x' * 900_000


def application(environ, start_response):
    path = environ['PATH_INFO']
    if path == '/sleep':
        time.sleep(float(environ['QUERY_STRING']))
    body = LARGE if path == '/large' else b'Hello World!'
    if environ['REQUEST_METHOD'] == 'POST':
        body = str(sum(map(len, iter(lambda: environ['wsgi.input'].read(65536), b'')))).encode()
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body]
