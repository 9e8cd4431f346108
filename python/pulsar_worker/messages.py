"""The payloads of the frames that a worker gets, checked (docs/wire.md)."""

import json
import marshal
import struct
from typing import Any, Dict, NamedTuple, Optional, Tuple, Union

from .frames import ProtocolError

WIRE_VERSION = 1

#: How the body of a request comes: not at all, in the frame, as a file, piece by piece.
EMPTY, WHOLE, IN_FILE, STREAMED = range(4)

Body = Union[None, bytes, str]

_body_types: Dict[int, type] = {EMPTY: type(None), WHOLE: bytes, IN_FILE: str, STREAMED: type(None)}
_number = struct.Struct('<I')


#: A request that is to be begun: its id, environ, kind of body, body. A plain tuple, since one is made per request.
Claim = Tuple[int, Dict[str, Any], int, Body]


def read_request(ident: int, payload: memoryview) -> Claim:
    """
    :raises ProtocolError: for anything but (environ, kind, body)
    """
    try:
        value = marshal.loads(payload)
        if type(value) is tuple:
            environ, kind, body = value
            if type(environ) is dict and type(body) is _body_types[kind] and ident:
                return ident, environ, kind, body
    except (ValueError, EOFError, TypeError, KeyError) as error:
        raise ProtocolError('REQUEST cannot be read: %r' % error) from error
    raise ProtocolError('REQUEST does not hold (environ, kind, body)')


def read_tunnel(ident: int, payload: memoryview) -> Tuple[Dict[str, Any], str]:
    """The environ, and the token to connect with.

    :raises ProtocolError: for anything else
    """
    try:
        value = marshal.loads(payload)
    except (ValueError, EOFError, TypeError) as error:
        raise ProtocolError('TUNNEL cannot be read: %r' % error) from error
    if ident and type(value) is tuple and len(value) == 2 and type(value[0]) is dict and type(value[1]) is str:
        return value
    raise ProtocolError('TUNNEL does not hold (environ, token)')


def read_number(payload: memoryview) -> int:
    if len(payload) != 4:
        raise ProtocolError('a number has 4 bytes, not %d' % len(payload))
    number: int = _number.unpack(payload)[0]
    return number


def read_nothing(payload: memoryview) -> None:
    if len(payload):
        raise ProtocolError('%d bytes where there are none' % len(payload))


def read_text(payload: memoryview) -> str:
    try:
        return str(payload, 'utf-8')
    except UnicodeDecodeError as error:
        raise ProtocolError('text that is not UTF-8') from error


def write_number(number: int) -> bytes:
    return _number.pack(number)


def write_numbers(numbers: 'list[int]') -> bytes:
    return struct.pack('<%dI' % len(numbers), *numbers)


def write_text(text: str) -> bytes:
    # File names and messages may hold lone surrogates, which UTF-8 has no bytes for.
    return text.encode('utf-8', 'backslashreplace')


def write_json(value: Dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(',', ':')).encode('ascii')


def write_published(topic: str, message: Union[str, bytes, bytearray, memoryview]) -> bytes:
    """The payload of PUBLISH.

    :raises TypeError: for a topic or a message of another type
    :raises UnicodeEncodeError: for lone surrogates
    """
    if not isinstance(topic, str):
        raise TypeError('a topic is a str, not %s' % type(topic).__name__)
    name = topic.encode('utf-8')
    if isinstance(message, str):
        return b'\0' + _number.pack(len(name)) + name + message.encode('utf-8')
    if not isinstance(message, (bytes, bytearray, memoryview)):
        raise TypeError('a message is str or bytes, not %s' % type(message).__name__)
    return b'\1' + _number.pack(len(name)) + name + bytes(message)


class Start(NamedTuple):
    """START: what to run, and how."""

    target: str
    cwd: str
    pythonPath: 'list[str]'
    threads: int
    debug: bool
    multithread: bool
    multiprocess: bool
    environ: Dict[str, Any]
    env: Dict[str, Optional[str]]
    window: int
    watch: bool
    title: str


_start_types: Dict[str, type] = {
    'target': str, 'cwd': str, 'pythonPath': list, 'threads': int, 'debug': bool, 'multithread': bool, 'multiprocess': bool,
    'environ': dict, 'env': dict, 'window': int, 'watch': bool, 'title': str,
}


def read_start(payload: memoryview) -> Start:
    value = _read_object(payload)
    if value.get('wire') != WIRE_VERSION:
        raise ProtocolError('version %r of the wire; this worker knows %d' % (value.get('wire'), WIRE_VERSION))
    for name, kind in _start_types.items():
        if type(value.get(name)) is not kind:
            raise ProtocolError('START: %s is %r' % (name, value.get(name)))
    if value['threads'] < 1 or value['window'] < 1:
        raise ProtocolError('START: threads %d, window %d' % (value['threads'], value['window']))
    return Start(**{name: value[name] for name in _start_types})


class Fork(NamedTuple):
    """FORK: who the new worker is."""

    worker: int
    token: str


def read_fork(payload: memoryview) -> Fork:
    value = _read_object(payload)
    worker, token = value.get('worker'), value.get('token')
    if type(worker) is not int or type(token) is not str:
        raise ProtocolError('FORK without a worker and a token')
    return Fork(worker, token)


def _read_object(payload: memoryview) -> Dict[str, Any]:
    try:
        value = json.loads(str(payload, 'utf-8'))
    except ValueError as error:
        raise ProtocolError('not JSON: %s' % error) from error
    if type(value) is not dict:
        raise ProtocolError('JSON, but no object')
    return value
