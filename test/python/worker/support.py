"""The server's side of the wire, in Python, for tests: it starts a real worker and speaks frames with it."""

import importlib.util
import json
import marshal
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
PACKAGE = os.path.join(ROOT, 'python', 'pulsar_worker')
CORPUS = os.path.join(ROOT, 'test', 'corpus', 'wire')

sys.dont_write_bytecode = True
if 'pulsar_worker' not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        'pulsar_worker', os.path.join(PACKAGE, '__init__.py'), submodule_search_locations=[PACKAGE]
    )
    assert spec is not None and spec.loader is not None
    sys.modules['pulsar_worker'] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules['pulsar_worker'])

from pulsar_worker import frames  # noqa: E402

#: No test takes this long, in seconds: it is how a hanging worker becomes a failure.
PATIENCE = 10.0

NAMES = {
    getattr(frames, name): name
    for name in dir(frames) if name.isupper() and not name.endswith(('LIMIT', 'TYPES')) and isinstance(getattr(frames, name), int)
}


class Received(NamedTuple):
    name: str
    ident: int
    payload: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.payload)

    @property
    def text(self) -> str:
        return self.payload.decode('utf-8')

    @property
    def number(self) -> int:
        return int(struct.unpack('<I', self.payload)[0])


class Answer(NamedTuple):
    status: str
    fields: List[Tuple[str, str]]
    body: bytes
    #: The names of the frames that it came in.
    frames: List[str]
    notes: List[str]

    def field(self, name: str) -> Optional[str]:
        return dict(self.fields).get(name)


class Channel:
    """One connection of a worker, of which frames are read one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._buffer = b''

    def send(self, kind: int, ident: int = 0, payload: bytes = b'') -> None:
        self.socket.sendall(frames.frame(kind, ident, payload))

    def receive(self, patience: float = PATIENCE) -> Optional[Received]:
        """None at the end of the connection."""
        deadline = time.monotonic() + patience
        while True:
            if len(self._buffer) >= 9:
                length, kind, ident = struct.unpack_from('<IBI', self._buffer)
                if len(self._buffer) >= 9 + length:
                    payload = self._buffer[9:9 + length]
                    self._buffer = self._buffer[9 + length:]
                    return Received(NAMES[kind], ident, payload)
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                more = self.socket.recv(1 << 18)
            except ConnectionError:
                return None
            finally:
                self.socket.settimeout(None)
            if not more:
                return None
            self._buffer += more

    def poll(self, patience: float) -> Optional[Received]:
        """What comes within so many seconds, if anything."""
        if not self._buffer and not select.select([self.socket], [], [], patience)[0]:
            return None
        return self.receive()

    def expect(self, name: str) -> Received:
        received = self.receive()
        assert received is not None, 'the connection ended where %s was expected' % name
        assert received.name == name, '%s where %s was expected: %r' % (received.name, name, received.payload[:2000])
        return received

    def raw(self) -> bytes:
        """What has come or comes next, where no frames do."""
        data, self._buffer = self._buffer, b''
        return data or self.socket.recv(1 << 16)

    def waits(self) -> bool:
        """Something is there to be read."""
        return bool(self._buffer) or bool(select.select([self.socket], [], [], 0)[0])


def environ(**more: str) -> Dict[str, Any]:
    """The environ of a plain GET, without what the worker adds."""
    return {
        'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '', 'PATH_INFO': '/', 'QUERY_STRING': '', 'SERVER_NAME': '127.0.0.1',
        'SERVER_PORT': '8060', 'SERVER_PROTOCOL': 'HTTP/1.1', 'REMOTE_ADDR': '127.0.0.1', 'REMOTE_PORT': '5', 'RAW_URI': '/',
        'wsgi.url_scheme': 'http', 'HTTP_HOST': 'h', **more,
    }


class Host:
    """Listens as a server does, and starts a worker or a template."""

    def __init__(
        self, target: str, *, template: bool = False, python: str = sys.executable, outer: Optional[Dict[str, str]] = None,
        channel: Optional[socket.socket] = None, **start: Any
    ) -> None:
        self.directory = tempfile.mkdtemp(prefix='pulsar-wire-')
        self.path = os.path.join(self.directory, 'wire')
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(8)
        self._listener.settimeout(PATIENCE)
        self.start = {
            'wire': 1, 'target': target, 'cwd': HERE, 'pythonPath': [], 'threads': 1, 'debug': False,
            'multithread': start.get('threads', 1) > 1, 'multiprocess': False,
            'environ': {'SERVER_SOFTWARE': 'pulsar'}, 'env': {}, 'window': 1 << 16, 'watch': False, 'title': 'pulsar: worker 7', **start,
        }
        self._log = open(os.path.join(self.directory, 'log'), 'w+b')
        self.process = subprocess.Popen(
            [python, '-u', PACKAGE], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
            pass_fds=() if channel is None else (channel.fileno(),),
            env={
                **os.environ, 'PYTHONDONTWRITEBYTECODE': '1', **(outer or {}),
                **({} if channel is None else {'NODE_CHANNEL_FD': str(channel.fileno())}),
                'PULSAR_WIRE': self.path, 'PULSAR_WORKER': '7:secret' + (':template' if template else ''),
            },
        )
        self.ident = 0
        self.hellos: Dict[str, Any] = {}
        self.life = self.accept('life')
        self.control = self.accept('template' if template else 'control')
        if not template:
            self.data = self.accept('data')
        self.control.send(frames.START, 0, json.dumps(self.start).encode())

    def accept(self, role: str) -> Channel:
        connection, _ = self._listener.accept()
        channel = Channel(connection)
        hello = channel.expect('HELLO').json
        assert hello['role'] == role, hello
        self.hellos[role] = hello
        return channel

    def loaded(self) -> 'Host':
        self.loaded_with = self.control.expect('LOADED').json
        return self

    def request(self, values: Optional[Dict[str, Any]] = None, kind: int = 0, body: Any = None) -> int:
        """Sends a request; its id."""
        self.ident += 1
        self.data.send(frames.REQUEST, self.ident, marshal.dumps((environ() if values is None else values, kind, body), 2))
        return self.ident

    def answer(self, ident: Optional[int] = None) -> Answer:
        """The whole answer to the request that is next on the wire; credit is given as it is used."""
        names: List[str] = []
        notes: List[str] = []
        head, body = b'', b''
        while True:
            received = self.data.receive()
            assert received is not None, 'the data connection ended: %s' % self.log()
            assert ident is None or received.ident == ident, received
            names.append(received.name)
            if received.name in ('ANSWER', 'HEAD'):
                size = struct.unpack_from('<I', received.payload)[0]
                head, body = received.payload[4:4 + size], received.payload[4 + size:]
            elif received.name == 'DATA':
                body += received.payload
                self.control.send(frames.CREDIT, received.ident, struct.pack('<I', len(received.payload)))
            elif received.name == 'NOTE':
                notes.append(received.json['message'])
            elif received.name != 'END':
                raise AssertionError('%s: %s' % (received.name, received.payload.decode('utf-8', 'replace')))
            if received.name in ('ANSWER', 'END'):
                break
        lines = head.decode('latin-1').split('\n')
        fields = [tuple(line.split(':', 1)) for line in lines[1:]]
        return Answer(lines[0], fields, body, names, notes)  # type: ignore[arg-type]

    def get(self, path: str = '/', **more: str) -> Answer:
        return self.answer(self.request(environ(PATH_INFO=path, RAW_URI=path, **more)))

    def error(self) -> Any:
        """What ERROR says, which is the next frame."""
        return self.data.expect('ERROR').json

    def log(self) -> str:
        with open(os.path.join(self.directory, 'log'), 'rb') as file:
            return file.read().decode('utf-8', 'replace')

    def wait_for_log(self, text: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while text not in self.log():
            assert time.monotonic() < deadline, '%r is not in the log: %s' % (text, self.log())
            time.sleep(0.01)
        return self.log()

    def begun(self) -> int:
        with open(os.path.join(self.directory, 'worker-7.begun'), 'rb') as file:
            return int(struct.unpack('<Q', file.read())[0])

    def status(self) -> int:
        """Of the ended process: waits for it. A signal's number is negative."""
        return self.process.wait(PATIENCE)

    def drain(self) -> int:
        self.control.send(frames.DRAIN)
        return self.status()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE)
        for channel in (self.life, self.control, getattr(self, 'data', None)):
            if channel is not None:
                channel.socket.close()
        self._listener.close()
        self._log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> 'Host':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
