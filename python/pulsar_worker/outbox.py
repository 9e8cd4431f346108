"""What waits to be sent on the data socket."""

import socket
import threading
import time
from typing import List

from .wire_closed import WireClosed

#: What is gathered is sent when it is longer than this, in bytes, or older than this, in seconds.
_SIZE = 1 << 16
_AGE = 0.001
#: What may wait for the server in the system, in bytes.
_ROOM = 1 << 20


class Outbox:
    """Gathers frames, so that several small answers leave in one system call.

    ``add`` is for the threads that run the application; ``flush`` is for any thread. The list is never replaced: a frame
    that is added while another thread flushes stays in it for the next time.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        # Large answers: the fewer times both sides wake each other, the better. The system may give less.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
        self._lock = threading.Lock()
        self._frames: List[bytes] = []
        self._size = 0
        self._since = 0.0

    def add(self, frame: bytes) -> None:
        if not self._frames:
            self._since = time.monotonic()
            self._size = 0
        self._frames.append(frame)
        self._size += len(frame)

    def due(self) -> bool:
        """What is gathered should wait no longer, though more requests are there."""
        return bool(self._frames) and (self._size > _SIZE or time.monotonic() - self._since > _AGE)

    def flush(self) -> None:
        """
        :raises WireClosed: nobody is there to read it
        """
        with self._lock:
            frames = self._frames
            count = len(frames)
            if count:
                data = frames[0] if count == 1 else b''.join(frames[:count])
                del frames[:count]
                self._send(data)

    def flush_unless_busy(self) -> None:
        """For the helper thread: who has the lock is sending everything already."""
        if self._lock.acquire(False):
            self._lock.release()
            self.flush()

    def send_block(self, head: bytes, block: memoryview) -> None:
        """A large block goes out without being copied, behind what was gathered."""
        with self._lock:
            frames = self._frames
            count = len(frames)
            before = b''.join(frames[:count]) + head
            del frames[:count]
            try:
                sent = self._socket.sendmsg([before, block])
            except OSError as error:
                raise WireClosed('the data connection is gone: %s' % error) from error
            if sent < len(before):
                self._send(before[sent:])
                sent = len(before)
            if sent < len(before) + len(block):
                self._send(block[sent - len(before):])

    def _send(self, data: 'bytes | memoryview') -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise WireClosed('the data connection is gone: %s' % error) from error

    def forget(self) -> None:
        """In a process that the application forked: whoever had the lock does not exist there."""
        self._lock = threading.Lock()
        del self._frames[:]
        self._socket.close()
