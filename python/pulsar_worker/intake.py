"""Where requests come from: the data socket, read ahead; each is claimed by one thread, or given back."""

import mmap
import os
import socket
import struct
import threading
from collections import deque
from typing import Deque, List, Optional

from .frames import DATA_TYPES, FrameReader
from .messages import Claim, read_request
from .wire_closed import WireClosed

#: How long a recall waits for a thread that is taking requests in, in seconds. One that sleeps in recv() has nothing.
_PATIENCE = 0.002

_counter = struct.Struct('<Q')


class Intake:
    """Requests that were received and not begun, in order.

    Threads that run the application take from the left, a recall takes from the right: what was begun is always the first
    part of what was sent.
    """

    def __init__(self, sock: socket.socket, counter: mmap.mmap) -> None:
        self.queue: Deque[Claim] = deque()
        self._socket = sock
        self._counter = counter
        #: The server has said that nothing more comes.
        self.drained = False
        self._begun = 0
        self._reader = FrameReader(DATA_TYPES)
        self._lock = threading.Lock()

    def fill(self) -> bool:
        """Waits for more requests; False when none will come. For one thread: it then claims with ``queue.popleft()``."""
        with self._lock:
            return self._receive(0)

    def count_begun(self) -> None:
        """One more is begun: the server can read how many when this process has died."""
        self._begun += 1
        _counter.pack_into(self._counter, 0, self._begun)

    def claim(self) -> Optional[Claim]:
        """The next request, when there is one; None when none will come. For several threads."""
        with self._lock:
            while not self.queue:
                if not self._receive(0):
                    return None
            claimed = self.queue.popleft()
            self.count_begun()
            return claimed

    def recall(self) -> List[int]:
        """The ids of all requests that are here and not begun. They are the server's again."""
        if self._lock.acquire(timeout=_PATIENCE):
            try:
                self._receive_rest()
            finally:
                self._lock.release()
        given_back: List[int] = []
        while True:
            try:
                given_back.append(self.queue.pop()[0])
            except IndexError:
                return given_back[::-1]

    def _receive(self, flags: int) -> bool:
        try:
            count = self._socket.recv_into(self._reader.space(), 0, flags)
        except BlockingIOError:
            return False
        except OSError as error:
            raise WireClosed('the data connection is gone: %s' % error) from error
        if count == 0:
            return False
        for _, ident, payload in self._reader.frames(count):
            self.queue.append(read_request(ident, payload))
        return True

    def _receive_rest(self) -> None:
        while self._receive(socket.MSG_DONTWAIT):
            pass

    def end(self) -> None:
        """Nothing more comes: what is here is still taken."""
        self.drained = True
        try:
            self._socket.shutdown(socket.SHUT_RD)
        except OSError:
            # The server has closed it: that ends it as well.
            return

    def forget(self) -> None:
        """In a process that the application forked: the requests are its parent's."""
        self._lock = threading.Lock()
        self.queue.clear()


def begun_counter(wire: str, worker: int) -> mmap.mmap:
    """The file beside the socket that tells how many requests were begun, mapped."""
    path = os.path.join(os.path.dirname(wire), 'worker-%d.begun' % worker)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(file, _counter.size)
        return mmap.mmap(file, _counter.size)
    finally:
        os.close(file)
