"""One request that an application works on: what it has said, and what the server has told about it since."""

import _thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, Dict, List, Optional, Tuple, Type

from .response_head import described, response_head

if TYPE_CHECKING:
    from .caller import Caller
    from .lending import LentSocket

ExcInfo = Tuple[Type[BaseException], BaseException, Optional[TracebackType]]


class RequestBodyError(OSError):
    """The body of the request cannot be read to its end; the server knows why."""


class Request:
    """The thread that runs the application owns it; the methods at the end are for the helper thread.

    The values of a new request are the class's own: few are ever set, and there is one Request per request.
    """

    #: Status and fields for the wire; None until start_response() was called.
    head: Optional[bytes] = None
    declared: int = -1
    bodiless: bool = False
    #: The request was a HEAD.
    headless: bool = False
    #: The head was sent, or all of the answer.
    begun: bool = False
    #: The frame that ends the answer was sent.
    complete: bool = False
    #: Bytes of the body that the application gave, and those that were sent.
    given: int = 0
    sent: int = 0
    #: The client's socket, while the body goes there; and how much of it went there, for which no credit was needed.
    lent: Optional['LentSocket'] = None
    direct: int = 0

    #: Bytes of credit since the start. Only the helper thread changes it and the following.
    granted: int = 0
    gone: bool = False
    #: The client has ended its side: it waits for the answer, or is gone; nobody can tell.
    client_ended: bool = False
    piece: Optional[bytes] = None
    failure: Optional[str] = None
    file_taken: Optional[bool] = None

    #: The file that the body is read from, to be closed at the end.
    body_file: Optional[BinaryIO] = None

    _wake: Optional['_thread.LockType'] = None
    _pulling: bool = False

    def __init__(self, ident: int, environ: Dict[str, Any], caller: 'Caller') -> None:
        """
        :param environ: as received; the application has another
        """
        self.ident = ident
        self.environ = environ
        self.caller = caller

    def name(self) -> str:
        """For messages."""
        return '%s %s' % (self.environ.get('REQUEST_METHOD'), self.environ.get('RAW_URI', self.environ.get('PATH_INFO')))

    # What the application calls.

    def start_response(
        self, status: str, headers: List[Tuple[str, str]], exc_info: Optional[ExcInfo] = None
    ) -> Callable[[bytes], None]:
        """PEP 3333, "The start_response() Callable"."""
        if exc_info:
            try:
                if self.begun:
                    # Too late for another answer: whoever called gets its own error back.
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.head is not None:
            raise RuntimeError(
                'start_response() was called already: a second call needs exc_info (PEP 3333, "The start_response() Callable")'
            )
        head, self.declared, self.bodiless, dropped = response_head(status, headers)
        if dropped:
            self.caller.warn_of_dropped(self, dropped)
        self.head = head
        return self.write

    def write(self, data: bytes) -> None:
        """PEP 3333, "The write() Callable": the block is on its way when this returns."""
        if not isinstance(data, bytes):
            raise TypeError('write() takes bytes, not %s (PEP 3333, "The write() Callable")' % described(data))
        if data:
            self.caller.answering.send_block(self, data)

    def client_disconnected(self) -> bool:
        """``pulsar.client_disconnected``: perhaps nobody waits for the answer any more."""
        return self.gone or self.client_ended

    # What waits in the application's thread.

    def pull(self, size: int) -> bytes:
        """The next bytes of a streamed body, at most ``size``; none at the end.

        :raises RequestBodyError: there is no more, and that is not the end
        """
        if not self._pulling:
            # Not so where the last one was interrupted while it waited: there is one at a time.
            self._pulling = True
            self.caller.ask_for_body(self, size)
        self.wait(lambda: self.piece is not None or self.failure is not None)
        if self.piece is None:
            raise RequestBodyError(self.failure)
        piece, self.piece = self.piece, None
        self._pulling = False
        return piece

    def wait(self, ready: Callable[[], bool]) -> None:
        """Sleeps until the helper thread has made it so, or the client is gone."""
        if self._wake is None:
            self._wake = _thread.allocate_lock()
            self._wake.acquire()
        # A token that is left over from before costs one more look. An interruption ends acquire() by an exception.
        while not (ready() or self.gone):
            self._wake.acquire()

    # What the helper thread calls.

    def grant(self, size: int) -> None:
        self.granted += size
        self.wake()

    def deliver(self, piece: bytes) -> None:
        self.piece = piece
        self.wake()

    def fail_body(self, reason: str) -> None:
        self.failure = reason
        self.wake()

    def settle_file(self, taken: bool) -> None:
        self.file_taken = taken
        self.wake()

    def cancel(self) -> None:
        self.failure = 'the client is gone'
        self.gone = True
        self.wake()

    def wake(self) -> None:
        wake = self._wake
        if wake is not None and wake.locked():
            try:
                wake.release()
            except RuntimeError:
                # Released between the two calls: its token is there, which is all that was wanted.
                return
