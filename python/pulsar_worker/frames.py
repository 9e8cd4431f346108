"""Frames: bytes in, frames out, and the reverse. Knows no socket (docs/wire.md, "Frames")."""

import struct
from typing import FrozenSet, Iterator, Tuple

REQUEST = 1
START, CANCEL, CREDIT, BODY, BODY_FAILED, RECALL, TIMEOUT, DRAIN, FORK, FILE_TAKEN, FILE_REFUSED = range(16, 27)
CLIENT_ENDED, TUNNEL = 27, 28
HELLO, LOADED, FAILED, PULL, RECALLED, STACK, EXITED, WARNING, LEAVING = range(32, 41)
ANSWER, HEAD, DATA, END, FILE, ERROR, NOTE, PUBLISH, METRIC, BORROW, WROTE = range(64, 75)

DATA_TYPES: FrozenSet[int] = frozenset([REQUEST])
CONTROL_TYPES: FrozenSet[int] = frozenset(range(START, TUNNEL + 1))

#: The longest payload, in bytes.
PAYLOAD_LIMIT = 1 << 26
#: The longest block in one DATA frame, in bytes.
BLOCK_LIMIT = 1 << 18

_head = struct.Struct('<IBI')
_answer_head = struct.Struct('<IBII')
_HEAD_SIZE = _head.size

Frame = Tuple[int, int, memoryview]


class ProtocolError(Exception):
    """What came is no frame of the wire: the connection cannot go on."""


def frame(kind: int, ident: int, payload: bytes = b'') -> bytes:
    return _head.pack(len(payload), kind, ident) + payload


def frame_head(kind: int, ident: int, length: int) -> bytes:
    """For a payload that is sent behind it."""
    return _head.pack(length, kind, ident)


def answer_frame(kind: int, ident: int, head: bytes, rest: bytes = b'') -> bytes:
    """ANSWER, HEAD or FILE: the length of the head, the head, and what follows it."""
    size = len(head)
    return _answer_head.pack(4 + size + len(rest), kind, ident, size) + head + rest


class FrameReader:
    """Cuts what was received into frames.

    Bytes are received into ``space()``; ``frames(count)`` then gives the frames that are whole. Their payloads are views
    of the buffer: good until the next ``space()``. A frame that is longer than the buffer gets one of its own size.
    """

    def __init__(self, kinds: FrozenSet[int], size: int = 1 << 18) -> None:
        self._kinds = kinds
        self._size = size
        self._wanted = _HEAD_SIZE
        self._start = 0
        self._end = 0
        self._view = memoryview(bytearray(size))

    def space(self) -> memoryview:
        """Where the next bytes go; never empty."""
        start, end = self._start, self._end
        if start == end and len(self._view) == self._size:
            self._start = self._end = 0
            return self._view
        if start + self._wanted > len(self._view) or len(self._view) > self._size:
            self._make_room(max(self._wanted, self._size))
        return self._view[self._end:]

    def _make_room(self, size: int) -> None:
        rest = bytes(self._view[self._start:self._end])
        if size != len(self._view):
            self._view = memoryview(bytearray(size))
        self._view[:len(rest)] = rest
        self._start, self._end = 0, len(rest)

    def frames(self, count: int) -> Iterator[Frame]:
        """The frames that are whole now that ``count`` more bytes are there.

        :raises ProtocolError: as soon as a head shows that what follows is none
        """
        self._end = end = self._end + count
        while True:
            start = self._start
            if end - start < _HEAD_SIZE:
                self._wanted = _HEAD_SIZE
                return
            length, kind, ident = _head.unpack_from(self._view, start)
            if length > PAYLOAD_LIMIT or kind not in self._kinds:
                raise ProtocolError('no frame for a worker: type %d, %d bytes' % (kind, length))
            begin = start + _HEAD_SIZE
            stop = begin + length
            if stop > end:
                self._wanted = _HEAD_SIZE + length
                return
            self._start = stop
            yield kind, ident, self._view[begin:stop]
