"""The applications of the contract's cases behind one callable: the request's field X-Case says which.

`cases.json`, beside a copy of this file, has their sources. X-Validated puts `wsgiref.validate` around one.
"""

import json
import os
import textwrap
import time
from wsgiref.validate import validator

TEXT = [('Content-Type', 'text/plain')]
events = []


def note(event):
    """Keeps what the client cannot see, for a test to ask for."""
    events.append(event)


def wait_for_client(environ):
    """Waits until the client has made the file that it named: until it has seen what was sent so far."""
    end = time.monotonic() + 10
    while not os.path.exists(environ['HTTP_X_GO']):
        if time.monotonic() > end:
            raise TimeoutError('the client did not see what was sent')
        time.sleep(0.002)


def load(name, source):
    scope = {'TEXT': TEXT, 'note': note, 'wait_for_client': wait_for_client}
    exec(compile(textwrap.dedent(source), name, 'exec'), scope)
    return scope['application']


def read_sources():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases.json'), encoding='utf-8') as file:
        return json.load(file)


applications = {name: load(name, source) for name, source in read_sources().items()}
validated = {name: validator(one) for name, one in applications.items()}


def tell_events(environ, start_response):
    """What was noted since the last time."""
    body = json.dumps(events).encode()
    del events[:]
    start_response('200 OK', [('Content-Type', 'application/json'), ('Content-Length', str(len(body)))])
    return [body]


def application(environ, start_response):
    name = environ['HTTP_X_CASE']
    if name == 'events':
        return tell_events(environ, start_response)
    return (validated if 'HTTP_X_VALIDATED' in environ else applications)[name](environ, start_response)
