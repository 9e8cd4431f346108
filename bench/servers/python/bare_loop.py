"""python bare_loop.py TARGET SECONDS: calls a WSGI application in a loop, with nothing around it; CPU seconds for one call."""

import importlib
import io
import sys
import time

ENVIRON = {
    'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '', 'PATH_INFO': '/', 'QUERY_STRING': '', 'SERVER_NAME': '127.0.0.1', 'SERVER_PORT': '8060',
    'SERVER_PROTOCOL': 'HTTP/1.1', 'REMOTE_ADDR': '127.0.0.1', 'REMOTE_PORT': '50000', 'RAW_URI': '/', 'HTTP_HOST': '127.0.0.1:8060',
    'SERVER_SOFTWARE': 'bare', 'wsgi.version': (1, 0), 'wsgi.url_scheme': 'http', 'wsgi.errors': sys.stderr, 'wsgi.multithread': False,
    'wsgi.multiprocess': False, 'wsgi.run_once': False, 'wsgi.input_terminated': True,
}


def call(application):
    body = application({**ENVIRON, 'wsgi.input': io.BytesIO()}, lambda status, headers, exc_info=None: None)
    for _ in body:
        pass
    if hasattr(body, 'close'):
        body.close()


def main(target, seconds):
    module, name = target.split(':')
    application = getattr(importlib.import_module(module), name)
    for _ in range(200):
        call(application)
    calls, begun = 0, time.process_time()
    while time.process_time() - begun < seconds:
        for _ in range(100):
            call(application)
        calls += 100
    print((time.process_time() - begun) / calls)


main(sys.argv[1], float(sys.argv[2]))
