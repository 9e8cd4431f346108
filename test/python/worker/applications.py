"""What the worker runs in tests: each function is an application, chosen by the target."""

import ctypes
import gzip
import io
import json
import logging
import os
import sys
import tempfile
import threading
import time
from wsgiref.validate import validator

TEXT = [('Content-Type', 'text/plain')]


def hello(environ, start_response):
    start_response('200 OK', TEXT[:])
    return [b'Hello World!\n']


validated_hello = validator(hello)


# Called by its PATH_INFO, so that one worker can be asked for many things.

class Paths:
    def __init__(self):
        self.applications = {}
        self.events = []

    def __call__(self, environ, start_response):
        return self.applications[environ['PATH_INFO']](environ, start_response)

    def path(self, path):
        def register(application):
            self.applications[path] = application
            return application
        return register


paths = Paths()
events = paths.events


class Closing:
    """An iterable that tells when it is closed."""

    def __init__(self, blocks):
        self.blocks = iter(blocks)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.blocks)

    def close(self):
        events.append('closed')


@paths.path('/events')
def show_events(environ, start_response):
    start_response('200 OK', [('Content-Type', 'application/json')])
    text = json.dumps(events)
    del events[:]
    return [text.encode()]


@paths.path('/environ')
@validator
def show_environ(environ, start_response):
    shown = {key: value for key, value in environ.items() if isinstance(value, (str, bool))}
    shown['version'] = repr(environ['wsgi.version'])
    shown['callable'] = environ['pulsar.client_disconnected']()
    shown['errors'] = environ['wsgi.errors'] is not None
    start_response('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps(shown).encode()]


@paths.path('/echo')
@validator
def echo(environ, start_response):
    pieces = []
    while True:
        piece = environ['wsgi.input'].read(100)
        if not piece:
            break
        pieces.append(piece)
    start_response('200 OK', TEXT[:])
    return [b''.join(pieces)]


@paths.path('/reads')
def reads(environ, start_response):
    """Every way to read, of a body "one\\ntwo\\nthree\\nfour\\nfive\\nsix"."""
    stream = environ['wsgi.input']
    found = [stream.readline(), stream.readline(2), stream.read(2), stream.readlines(3), next(iter(stream)), stream.read(), stream.read(),
             stream.readline(), stream.readlines(), list(stream), stream.read(5)]
    start_response('200 OK', TEXT[:])
    return [repr(found).encode()]


@paths.path('/size')
def size(environ, start_response):
    length = len(environ['wsgi.input'].read())
    start_response('200 OK', TEXT[:])
    return [b'%d' % length]


@paths.path('/body-error')
def body_error(environ, start_response):
    try:
        environ['wsgi.input'].read()
    except OSError as error:
        start_response('200 OK', TEXT[:])
        return [('%s: %s' % (type(error).__name__, error)).encode()]


@paths.path('/body-error-escapes')
def body_error_escapes(environ, start_response):
    environ['wsgi.input'].read()


@paths.path('/blocks')
def blocks(environ, start_response):
    start_response('200 OK', TEXT[:])
    return Closing([b'', b'one', b'', b'two'])


@paths.path('/generator')
def generator(environ, start_response):
    start_response('200 OK', TEXT[:])
    yield b'a block\n'
    yield b'and another\n'


@paths.path('/late-start')
def late_start(environ, start_response):
    def body():
        yield b''
        start_response('200 OK', TEXT[:])
        yield b'late'
    return body()


@paths.path('/nothing')
@validator
def nothing(environ, start_response):
    start_response('200 OK', TEXT[:])
    return iter(())


@paths.path('/empty-list')
def empty_list(environ, start_response):
    start_response('200 OK', TEXT[:])
    return []


@paths.path('/tuple')
def several(environ, start_response):
    start_response('200 OK', TEXT[:])
    return (b'one', b'', b'two')


@paths.path('/write')
@validator
def writes(environ, start_response):
    write = start_response('200 OK', TEXT[:])
    write(b'first, ')
    write(b'second, ')
    return [b'last']


@paths.path('/write-text')
def writes_text(environ, start_response):
    start_response('200 OK', TEXT[:])('text')


@paths.path('/exact')
def exact(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '4')])
    return Closing([b'four'])


@paths.path('/exact-and-slow')
def exact_and_slow(environ, start_response):
    """The client must not wait for what comes behind the last byte."""
    start_response('200 OK', TEXT + [('Content-Length', '4')])
    yield b'four'
    print('behind the last byte')
    while not events:
        time.sleep(0.01)


@paths.path('/wake')
def wake(environ, start_response):
    events.append('woken')
    start_response('200 OK', TEXT[:])
    return []


@paths.path('/exact-and-raises')
def exact_and_raises(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '4')])
    yield b'four'
    raise ValueError('behind the end')


@paths.path('/longer')
def longer(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '4')])
    return Closing([b'thr', b'ee and more', b'never asked for'])


@paths.path('/longer-behind')
def longer_behind(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '4')])
    return Closing([b'four', b'five'])


@paths.path('/longer-list')
def longer_list(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '4')])
    return [b'four and more']


@paths.path('/shorter')
def shorter(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '10')])
    return Closing([b'four'])


@paths.path('/shorter-list')
def shorter_list(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '10')])
    return [b'four']


@paths.path('/none')
def none(environ, start_response):
    start_response('200 OK', TEXT[:])


@paths.path('/text')
def text(environ, start_response):
    start_response('200 OK', TEXT[:])
    return 'text'


@paths.path('/bytes')
def plain_bytes(environ, start_response):
    start_response('200 OK', TEXT[:])
    return b'bytes'


@paths.path('/number')
def number(environ, start_response):
    start_response('200 OK', TEXT[:])
    return 5


@paths.path('/text-block')
def text_block(environ, start_response):
    start_response('200 OK', TEXT[:])
    return Closing([b'good', 'text'])


@paths.path('/text-list')
def text_list(environ, start_response):
    start_response('200 OK', TEXT[:])
    return ['text']


@paths.path('/not-started')
def not_started(environ, start_response):
    return [b'body']


@paths.path('/not-started-block')
def not_started_block(environ, start_response):
    return Closing([b'body'])


@paths.path('/not-started-empty')
def not_started_empty(environ, start_response):
    return Closing([])


@paths.path('/raises')
def raises(environ, start_response):
    raise ValueError('caf\u00e9 \u20ac \udcff')


@paths.path('/raises-later')
def raises_later(environ, start_response):
    start_response('200 OK', TEXT[:])
    return Closing(block for block in iter(lambda: b'x' if events.append('asked') or len(events) < 3 else 1 / 0, None))


@paths.path('/close-raises')
def close_raises(environ, start_response):
    class Body(Closing):
        def close(self):
            raise ValueError('in close')
    start_response('200 OK', TEXT[:])
    return Body([b'body'])


@paths.path('/exit')
def leaves(environ, start_response):
    sys.exit(5)


@paths.path('/start-twice')
def start_twice(environ, start_response):
    start_response('200 OK', TEXT[:])
    start_response('200 OK', TEXT[:])


@paths.path('/exc-info')
@validator
def exc_info(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '100')])
    try:
        raise ValueError('first')
    except ValueError:
        start_response('503 Service Unavailable', TEXT[:], sys.exc_info())
    return [b'Come back later.\n']


@paths.path('/exc-info-late')
def exc_info_late(environ, start_response):
    start_response('200 OK', TEXT[:])
    yield b'sent'
    try:
        raise ValueError('the very error')
    except ValueError:
        start_response('500 Internal Server Error', TEXT[:], sys.exc_info())
    yield b'never'


@paths.path('/split')
def split(environ, start_response):
    """Response splitting: refused, and the answer can still be made."""
    try:
        start_response('302 Found', [('Location', '/\r\nSet-Cookie: a=b')])
    except ValueError as error:
        start_response('400 Bad Request', TEXT[:], sys.exc_info())
        return [str(error).encode()]


@paths.path('/hop')
def hop(environ, start_response):
    start_response('200 OK', TEXT + [('Connection', 'close'), ('Keep-Alive', '5'), ('X-Kept', '1')])
    return [b'']


@paths.path('/status')
def status(environ, start_response):
    start_response(environ['QUERY_STRING'].replace('+', ' '), [('X', 'y')])
    return Closing([b'a body', b'another block'])


@paths.path('/status-list')
def status_list(environ, start_response):
    start_response(environ['QUERY_STRING'].replace('+', ' '), [('X', 'y')])
    return [b'a body']


@paths.path('/large-list')
def large_list(environ, start_response):
    start_response('200 OK', TEXT[:])
    return [b'x' * int(environ['QUERY_STRING'])]


@paths.path('/long')
def long(environ, start_response):
    """So many blocks of 64 KiB, of a known length."""
    count = int(environ['QUERY_STRING'])
    start_response('200 OK', TEXT + [('Content-Length', str(count << 16))])
    return (b'%08d' % number * 8192 for number in range(count))


@paths.path('/large-blocks')
def large_blocks(environ, start_response):
    count, length = environ['QUERY_STRING'].split('x')
    start_response('200 OK', TEXT[:])
    return Closing(bytes([65 + i % 26]) * int(length) for i in range(int(count)))


@paths.path('/until-gone')
def until_gone(environ, start_response):
    start_response('200 OK', TEXT[:])

    def body():
        try:
            while True:
                events.append('asked')
                yield b'x' * 20000
        finally:
            events.append('ended, gone: %s' % environ['pulsar.client_disconnected']())
    return body()


@paths.path('/waits-for-gone')
def waits_for_gone(environ, start_response):
    print('begun')
    while not environ['pulsar.client_disconnected']():
        time.sleep(0.005)
    start_response('200 OK', TEXT[:])
    return Closing([b'nobody'])


@paths.path('/errors')
@validator
def errors(environ, start_response):
    environ['wsgi.errors'].write('to wsgi.errors\n')
    environ['wsgi.errors'].flush()
    print('to', 'standard', 'output \udcff')
    logging.getLogger('test').warning('to logging')
    start_response('200 OK', TEXT[:])
    return [b'']


# Files.

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data', 'file.txt')


def wrap(environ, start_response, file, *headers):
    start_response('200 OK', TEXT + list(headers))
    return environ['wsgi.file_wrapper'](file, 4)


@paths.path('/file')
def file(environ, start_response):
    opened = open(FILE, 'rb')
    paths.opened = opened
    return wrap(environ, start_response, opened)


@paths.path('/file-closed')
def file_closed(environ, start_response):
    start_response('200 OK', TEXT[:])
    return [str(paths.opened.closed).encode()]


@paths.path('/file-part')
def file_part(environ, start_response):
    opened = open(FILE, 'rb')
    opened.read(3)
    return wrap(environ, start_response, opened, ('Content-Length', '5'))


@paths.path('/file-iterated')
def file_iterated(environ, start_response):
    return list(wrap(environ, start_response, open(FILE, 'rb')))


@paths.path('/file-validated')
@validator
def file_validated(environ, start_response):
    return wrap(environ, start_response, open(FILE, 'rb'))


@paths.path('/file-in-memory')
def file_in_memory(environ, start_response):
    return wrap(environ, start_response, io.BytesIO(b'0123456789'))


@paths.path('/file-temporary')
def file_temporary(environ, start_response):
    opened = tempfile.NamedTemporaryFile()
    opened.write(b'0123456789')
    opened.flush()
    opened.seek(2)
    return wrap(environ, start_response, opened)


@paths.path('/file-deleted')
def file_deleted(environ, start_response):
    opened = tempfile.TemporaryFile()
    opened.write(b'0123456789')
    opened.seek(0)
    return wrap(environ, start_response, opened)


@paths.path('/file-replaced')
def file_replaced(environ, start_response):
    directory = tempfile.mkdtemp()
    path = os.path.join(directory, 'a')
    with open(path, 'wb') as first:
        first.write(b'the first')
    opened = open(path, 'rb')
    os.remove(path)
    with open(path, 'wb') as second:
        second.write(b'another')
    return wrap(environ, start_response, opened)


@paths.path('/file-compressed')
def file_compressed(environ, start_response):
    opened = tempfile.NamedTemporaryFile(suffix='.gz')
    with gzip.open(opened.name, 'wb') as packed:
        packed.write(b'0123456789')
    paths.kept = opened
    return wrap(environ, start_response, gzip.open(opened.name, 'rb'))


@paths.path('/file-pipe')
def file_pipe(environ, start_response):
    reading, writing = os.pipe()
    os.write(writing, b'0123456789')
    os.close(writing)
    return wrap(environ, start_response, os.fdopen(reading, 'rb'))


# Time, threads, processes.

lock = threading.Lock()


@paths.path('/sleep')
def sleeps(environ, start_response):
    time.sleep(60)


@paths.path('/lock')
def locks(environ, start_response):
    lock.acquire()
    lock.acquire()


@paths.path('/hold-the-interpreter')
def holds_the_interpreter(environ, start_response):
    print('holds the interpreter', flush=True)
    ctypes.PyDLL(None).sleep(3600)


@paths.path('/loop')
def loops(environ, start_response):
    while True:
        pass


@paths.path('/loop-catching')
def loops_catching(environ, start_response):
    while True:
        try:
            while True:
                pass
        except Exception:
            events.append('caught')


@paths.path('/stubborn')
def stubborn(environ, start_response):
    """Takes the second interruption only."""
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        events.append('first')
    while True:
        time.sleep(0.01)


@paths.path('/slow-close')
def slow_close(environ, start_response):
    class Body(Closing):
        def close(self):
            while True:
                time.sleep(0.01)
    start_response('200 OK', TEXT[:])
    return Body([b'body'])


@paths.path('/many-blocks')
def many_blocks(environ, start_response):
    start_response('200 OK', TEXT[:])
    while True:
        yield b'x' * 100


@paths.path('/thread')
def thread_name(environ, start_response):
    start_response('200 OK', TEXT[:])
    return [('%s %s' % (threading.current_thread() is threading.main_thread(), environ['wsgi.multithread'])).encode()]


barrier = threading.Barrier(3)


@paths.path('/barrier')
def meets(environ, start_response):
    """Ends only where three run at once."""
    barrier.wait(20)
    start_response('200 OK', TEXT[:])
    return [b'met']


gate = threading.Event()


@paths.path('/gate')
def waits(environ, start_response):
    gate.wait(20)
    gate.clear()
    start_response('200 OK', TEXT[:])
    return [b'through the gate']


@paths.path('/gate-file')
def waits_for_file(environ, start_response):
    """For one thread: waits until the file that QUERY_STRING names is there."""
    while not os.path.exists(environ['QUERY_STRING']):
        time.sleep(0.002)
    start_response('200 OK', TEXT[:])
    return [b'there']


@paths.path('/open')
def opens(environ, start_response):
    gate.set()
    start_response('200 OK', TEXT[:])
    return [b'opened']


@paths.path('/fork')
def forks(environ, start_response):
    """The child comes back as QUERY_STRING says; the answer is its exit status."""
    how = environ['QUERY_STRING']
    child = os.fork()
    if child == 0:
        if how == 'exit':
            sys.exit(7)
        if how == '_exit':
            os._exit(8)
        if how == 'raise':
            raise ValueError('in the child')
        start_response('200 OK', TEXT[:])
        return [b'from the child']
    _, state = os.waitpid(child, 0)
    start_response('200 OK', TEXT[:])
    return [b'%d' % os.WEXITSTATUS(state)]


@paths.path('/subprocess')
def runs(environ, start_response):
    import subprocess
    code = 'import os; print(sorted(k for k in os.environ if k.startswith("PULSAR_W")), os.listdir("/proc/self/fd"))'
    start_response('200 OK', TEXT[:])
    return [subprocess.run([sys.executable, '-c', code], stdout=subprocess.PIPE, check=True).stdout]


@paths.path('/process')
def process(environ, start_response):
    start_response('200 OK', [('Content-Type', 'application/json')])
    facts = {'pid': os.getpid(), 'path': sys.path, 'cwd': os.getcwd(), 'env': dict(os.environ), 'loaded': loaded_in, 'random': _random()}
    return [json.dumps(facts).encode()]


def _random():
    import random
    return random.random()


loaded_in = os.getpid()


@paths.path('/kill')
def kill(environ, start_response):
    os.kill(os.getpid(), 9)


def create_app(name='nobody', *, loud=False):
    def application(environ, start_response):
        start_response('200 OK', TEXT[:])
        return [(name.upper() if loud else name).encode()]
    return application


class Holder:
    inner = staticmethod(hello)

    def make(self):
        return create_app('made')


holder = Holder()
not_callable = 5
app = create_app('the default')


def tunnelled(environ, start_response):
    """Repeats lines on its socket."""
    connection = environ.get('werkzeug.socket')
    path = environ['PATH_INFO']
    if connection is None:
        body = b'no socket'
    elif path == '/raise':
        connection.sendall(b'written')
        raise ValueError('raised')
    elif path == '/loop':
        print('looping')
        while True:
            pass
    else:
        while True:
            line = connection.recv(100)
            if not line:
                break
            connection.sendall(line)
        body = b'input empty' if environ['wsgi.input'].read() == b'' else b'input'
    start_response('200 OK', TEXT[:])
    return [b'multithread %s, ' % str(environ['wsgi.multithread']).encode(), body]


def publishing(environ, start_response):
    publish, path = environ['pulsar.publish'], environ['PATH_INFO']
    if path == '/topic':
        publish(1, 'text')
    elif path == '/message':
        publish('room', {})
    elif path == '/surrogate':
        publish('room', '\ud800')
    elif path == '/forever':
        while True:
            publish('t', 'm' * 1000)
    elif path == '/fork':
        receiver, sender = os.pipe()
        if os.fork() == 0:
            try:
                publish('room', 'text')
            except RuntimeError as error:
                os.write(sender, type(error).__name__.encode())
            os._exit(0)
        start_response('200 OK', TEXT[:])
        return [os.read(receiver, 100)]
    else:
        publish('room.1', 'text')
        publish('room.1', 'grüß')
        publish('room.1', b'\0\xff')
        publish('room.1', memoryview(bytearray(b'ab')))
        thread = threading.Thread(target=publish, args=('rest', 'from a thread'))
        thread.start()
        thread.join()
    start_response('200 OK', TEXT[:])
    return [b'published']


def measuring(environ, start_response):
    """The values that Metering takes and does not."""
    metrics, path = environ['pulsar.metrics'], environ['PATH_INFO']
    if path == '/negative':
        metrics.count('a_total', -1)
    elif path == '/text':
        metrics.set('a', 'many')
    elif path == '/nan':
        metrics.observe('a', float('nan'))
    elif path == '/long':
        metrics.count('a' * 9000)
    else:
        metrics.count('a_total', 2, 'All.', colour='red', size=7)
        metrics.observe('b', 1)
    start_response('200 OK', [('Content-Length', '8')])
    return [b'measured']
