"""What waits to be sent on the data socket."""

import socket
import threading
import time
from typing import List, Sized

from .wire_closed import WireClosed

#: What is gathered while more requests wait here is sent when it is longer than this, in bytes;
_SIZE = 1 << 16
#: when it was gathered for longer than this, in seconds;
_LONG = 0.004
#: and, after this long, when it answers as many as still wait: so that the server has sent more before those are done.
_SHORT = 0.00025
#: What may wait for the server in the system, in bytes.
_ROOM = 1 << 20


class Outbox:
    """Gathers frames, so that several small answers leave in one system call.

    Each time that something is sent the server's process wakes up, which costs both more than a small answer does.

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
        self._waiting: Sized = ()

    def gather_for(self, waiting: Sized) -> None:
        """Whole answers are gathered from now on, while any of these requests still wait for this thread."""
        self._waiting = waiting
        self._since = time.monotonic()

    def add(self, frame: bytes) -> None:
        if not self._frames:
            self._size = 0
        self._frames.append(frame)
        self._size += len(frame)

    def offer(self) -> None:
        """An answer is whole, its request is not over: it is sent, unless others will be with it before long."""
        if not self._waiting:
            self.flush()

    def flush_if_due(self) -> None:
        """Between two requests: what is gathered may have waited long enough."""
        now = time.monotonic()
        age = now - self._since
        if age > _LONG or self._size > _SIZE or (age > _SHORT and len(self._frames) >= len(self._waiting)):
            self.flush()
            self._since = now

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
