"""``wsgi.input`` for each way a body comes (PEP 3333, "Input and Error Streams")."""

import io
from typing import Any, BinaryIO

from .messages import EMPTY, IN_FILE, WHOLE, Body
from .request import Request

#: How much is asked for at a time, in bytes: the most that is held here and was not asked for.
_PULL = 1 << 18


class _PulledBody(io.RawIOBase):
    """A body that comes piece by piece, as it is read."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._rest = memoryview(b'')
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._more():
            return 0
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def readall(self) -> bytes:
        pieces = []
        while self._more():
            pieces.append(self._rest)
            self._rest = memoryview(b'')
        return b''.join(pieces)

    def _more(self) -> bool:
        """Something of the body is here, or was to be had."""
        if not self._rest and not self._ended:
            self._rest = memoryview(self._request.pull(_PULL))
            self._ended = not self._rest
        return bool(self._rest)


def request_input(request: Request, kind: int, body: Body) -> BinaryIO:
    """The stream that reads the body, to its end and no further.

    :raises OSError: the file with the body cannot be opened
    """
    if kind == EMPTY:
        return io.BytesIO()
    if kind == WHOLE:
        return io.BytesIO(body)  # type: ignore[arg-type]  # messages.read_request() has checked what goes with the kind
    if kind == IN_FILE:
        return open(body, 'rb')  # type: ignore[arg-type]
    # A BufferedReader waits for as much as it was asked for, which is what the PEP wants.
    return io.BufferedReader(_PulledBody(request), 1 << 16)  # type: ignore[return-value]
