"""The client's own socket, lent by the server for a long body (docs/wire.md, "Lent sockets")."""

import json
import os
import select
import socket
import struct
import threading
import time
from typing import Callable, List, Optional

from .wire_closed import WireClosed

#: Below this many bytes the server does it as well.
LONG = 1 << 22
#: How long a thread waits for a client, in seconds: in a row, and in all beyond what one needs that takes so many bytes a second.
_PATIENCE = 0.05
_QUICK = 100e6
#: How many bytes may be written that the server does not know of.
_UNTOLD = 1 << 24

_descriptor = struct.Struct('@i')
#: What the flag of the connection itself says is shared with the server, and left alone.
_FLAGS = socket.MSG_DONTWAIT | getattr(socket, 'MSG_NOSIGNAL', 0)
_CLOSE_ON_EXEC = getattr(socket, 'MSG_CMSG_CLOEXEC', 0)


class Lender:
    """The channel by which the server gives sockets of clients. Nothing is said on it."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._lock = threading.Lock()

    def borrow(self, ident: int, ask: Callable[[], None]) -> 'Optional[LentSocket]':
        """The socket of that request's client, or none.

        :param ask: sends BORROW; one at a time is answered
        :raises WireClosed: what comes is no answer to it
        """
        with self._lock:
            ask()
            text = b''
            found: List[int] = []
            while not text.endswith(b'\n'):
                data = self._receive(found)
                if not data:
                    # The server could not keep it open: it lends nothing.
                    return None
                text += data
        message = json.loads(text)
        if message.get('msg', message).get('id') != ident or len(found) > 1:
            raise WireClosed('request %d asked for a socket, and was told %r' % (ident, message))
        return LentSocket(socket.socket(fileno=found[0])) if found else None

    def _receive(self, found: List[int]) -> bytes:
        try:
            data, ancillary, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(_descriptor.size), _CLOSE_ON_EXEC)
        except OSError as error:
            raise WireClosed('the channel is gone: %s' % error) from error
        for _, _, descriptors in ancillary:
            for (descriptor,) in _descriptor.iter_unpack(descriptors):
                os.set_inheritable(descriptor, False)
                found.append(descriptor)
        return data

    def forget(self) -> None:
        """In a process that the application forked."""
        self._lock = threading.Lock()
        self._socket.close()


class LentSocket:
    """A client's connection, for one answer. As soon as the client is not quick any more the server goes on."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._poll: Optional[select.poll] = None
        self._waited = 0.0
        self._written = 0
        self._told = 0

    def write(self, block: bytes) -> int:
        """How many bytes of it the client takes quickly: all, or no more will be written here."""
        at, size = 0, len(block)
        while at < size:
            try:
                at += self._socket.send(memoryview(block)[at:] if at else block, _FLAGS)
            except BlockingIOError:
                if not self._wait():
                    break
            except OSError:
                # The client is gone, or was cut off: the server knows, or will when it writes.
                break
        self._written += at
        return at

    def untold(self, least: int = _UNTOLD) -> int:
        """How many bytes the server is to be told of, if they are so many; they count as told."""
        count = self._written - self._told
        if count < least:
            return 0
        self._told = self._written
        return count

    def close(self) -> None:
        self._socket.close()

    def _wait(self) -> bool:
        """There is room again."""
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self._socket, select.POLLOUT)
        left = min(_PATIENCE, _PATIENCE + self._written / _QUICK - self._waited)
        before = time.monotonic()
        ready = left > 0 and bool(self._poll.poll(left * 1000))
        self._waited += time.monotonic() - before
        return ready
