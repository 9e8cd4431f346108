"""Stops an application that takes too long, where it is, and nothing but the application (docs/wire.md, "Ends").

A region is the stretch of one thread's time that belongs to the application. Whoever calls the application enters it, and
leaves it for everything that must not be cut in half, above all a frame that is being sent. An interruption that comes
outside is remembered and raised when the region is entered again for the same request.
"""

import signal
import threading
from types import FrameType
from typing import Any, Callable, Optional, Union


class RequestTimeout(BaseException):
    """Raised in an application that did not begin its answer in time. No Exception, since applications catch those."""


#: Its default is to be ignored, and nobody sends it to a process that did not ask for it.
INTERRUPTING_SIGNAL = signal.SIGURG


class MainThreadRegion:
    """Interrupts the main thread by a signal, whose handler raises: system calls and locks end too."""

    def __init__(self) -> None:
        self.ident = threading.get_ident()
        self._running: Optional[object] = None
        self._wanted: Optional[object] = None
        self._owed: Optional[object] = None
        signal.signal(INTERRUPTING_SIGNAL, self._handle)

    @property
    def running(self) -> Optional[object]:
        """The request whose application runs in the region."""
        return self._running

    def enter(self, request: object) -> None:
        """The application runs from here on.

        :raises RequestTimeout: it was interrupted when it did not run
        """
        self._running = request
        if self._owed is not None:
            owed, self._owed = self._owed, None
            if owed is request:
                raise RequestTimeout('the time for the answer is over')

    def leave(self) -> None:
        """The application does not run: nothing is interrupted. (Handlers run in this thread, so there is no race.)"""
        self._running = None

    def interrupt(self, request: object) -> None:
        """For the helper thread."""
        self._wanted = request
        signal.pthread_kill(self.ident, INTERRUPTING_SIGNAL)

    def _handle(self, _number: int, _frame: Optional[FrameType]) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        if self._running is wanted:
            raise RequestTimeout('the time for the answer is over')
        self._owed = wanted


class ThreadRegion:
    """Interrupts a thread by an exception set in it: Python code ends at once, a system call when it returns."""

    def __init__(self) -> None:
        self.ident = threading.get_ident()
        self._guard = threading.Lock()
        self._running: Optional[object] = None
        self._pending = False
        self._owed: Optional[object] = None

    @property
    def running(self) -> Optional[object]:
        """See MainThreadRegion."""
        return self._running

    def enter(self, request: object) -> None:
        """See MainThreadRegion."""
        with self._guard:
            self._running = request
            owed, self._owed = self._owed, None
        if owed is request:
            raise RequestTimeout('the time for the answer is over')

    def leave(self) -> None:
        """See MainThreadRegion. What was set and has not come yet is taken back, and owed."""
        request = self._running
        while True:
            try:
                with self._guard:
                    self._running = None
                if self._pending:
                    self._pending = False
                    self._owed = request
                    _set_exception()(self.ident, None)
                return
            except RequestTimeout:
                self._owed = request

    def interrupt(self, request: object) -> None:
        """For the helper thread."""
        with self._guard:
            if self._running is request:
                self._pending = True
                _set_exception()(self.ident, RequestTimeout)
            else:
                self._owed = request


Region = Union[MainThreadRegion, ThreadRegion]


def _set_exception() -> Callable[[int, Any], int]:
    """Imported when it is needed: ctypes costs memory, and most workers never interrupt anything."""
    import ctypes

    set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def set_in(ident: int, kind: Any) -> int:
        return set_exception(ctypes.c_ulong(ident), None if kind is None else ctypes.py_object(kind))

    return set_in
