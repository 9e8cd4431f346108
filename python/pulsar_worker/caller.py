"""The path of one request through the application, in one thread (PEP 3333, "The Server/Gateway Side")."""

from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple, Union

from .control import Control
from .failure_text import failure_message, failure_traceback
from .file_wrapper import FileWrapper, regular_file
from .frames import ANSWER, BLOCK_LIMIT, DATA, END, ERROR, FILE, HEAD, NOTE, PULL, answer_frame, frame, frame_head
from .interruption import Region, RequestTimeout
from .messages import IN_FILE, Body, write_json, write_number
from .outbox import Outbox
from .request import Request, RequestBodyError
from .request_input import request_input
from .response_head import described
from .wire_closed import WireClosed

Application = Callable[[Dict[str, Any], Callable[..., Callable[[bytes], None]]], Iterable[bytes]]

#: Blocks from this length on are sent without being copied behind their head.
_LARGE = 1 << 15


class Service(NamedTuple):
    """What all threads of a worker share."""

    application: Application
    #: What is the same in every environ.
    environ: Dict[str, Any]
    #: Credit that each request begins with, in bytes.
    window: int
    outbox: Outbox
    control: Control


class Caller:
    """Calls the application for one request after the other."""

    def __init__(self, service: Service, region: Region) -> None:
        self._application = service.application
        self._environ = service.environ
        self._window = service.window
        self._outbox = service.outbox
        self._control = service.control
        self._region = region
        self._running: Optional[Request] = None

    @property
    def region(self) -> Region:
        return self._region

    def serve(self, ident: int, environ: Dict[str, Any], kind: int, body: Body) -> None:
        """From the claim of a request to the frame that ends it."""
        self._running = request = Request(ident, environ, self)
        self._control.opened(request)
        try:
            self._call(request, kind, body)
        except WireClosed:
            raise
        except BaseException as error:
            if self._control.forked:
                raise
            self._fail(request, error)
        self._running = None
        if kind == IN_FILE and request.body_file is not None:
            request.body_file.close()
        self._control.closed(ident)

    def recover(self, error: RequestTimeout) -> None:
        """An interruption that came while another error of the same request was being caught."""
        request, self._running = self._running, None
        if request is not None:
            if not request.complete:
                self._fail(request, error)
            self._control.closed(request.ident)

    def _call(self, request: Request, kind: int, body: Body) -> None:
        if request.gone:
            # Cancelled before it was begun.
            self._end(request, END)
            return
        received = request.environ
        if received.get('REQUEST_METHOD') == 'HEAD':
            request.headless = True
        stream = request_input(request, kind, body)
        if kind == IN_FILE:
            request.body_file = stream
        environ = {
            **self._environ, **received,
            'wsgi.input': stream, 'pulsar.client_disconnected': request.client_disconnected,
        }
        region = self._region
        region.enter(request)
        result = self._application(environ, request.start_response)
        if (type(result) is list or type(result) is tuple) and request.head is not None and not request.begun:
            region.leave()
            self._answer_list(request, result)
        else:
            self._answer_iterable(request, result)

    # An answer that is all there.

    def _answer_list(self, request: Request, blocks: Any) -> None:
        """All of the body is there: one frame, and the server knows its length."""
        body = blocks[0] if len(blocks) == 1 else _joined(blocks)
        if type(body) is not bytes:
            _check_block(body)
        size = len(body)
        head: Any = request.head
        if request.headless or request.bodiless:
            if not request.bodiless and request.declared < 0 and size > 0:
                head += b'\nContent-Length:%d' % size
            body = b''
        elif request.declared >= 0 and request.declared != size:
            self._tell(request, _length_message(size, request.declared))
            body = body[:request.declared]
        if len(body) > self._window:
            if request.declared < 0:
                request.head = head + b'\nContent-Length:%d' % size
            self._send_pieces(request, body)
            self._end(request, END)
            return
        request.begun = request.complete = True
        self._outbox.add(answer_frame(ANSWER, request.ident, head, body))

    # An answer that comes block by block.

    def _answer_iterable(self, request: Request, result: Any) -> None:
        """The region is the application's; it is left when this returns."""
        try:
            _check_iterable(result)
            if not (isinstance(result, FileWrapper) and self._answer_file(request, result)):
                self._iterate(request, result)
        finally:
            self._close(request, result)
        if not request.complete:
            self._finish(request)

    def _iterate(self, request: Request, result: Iterable[bytes]) -> None:
        for block in result:
            if type(block) is not bytes:
                _check_block(block)
            # PEP 3333, "The start_response() Callable": headers leave with the first block that is not empty.
            if block:
                self.send_block(request, block)
            if request.gone or request.headless or request.bodiless or 0 <= request.declared < request.given:
                # Nothing that could still come would be sent.
                return

    def send_block(self, request: Request, block: bytes) -> None:
        """A block of the body, which is on its way when this returns; headers first, if they are not sent yet.

        Inside the region; left while something is sent.
        """
        if request.head is None:
            raise RuntimeError(
                'the application gave a block before it called start_response() (PEP 3333, "The start_response() Callable")'
            )
        request.given += len(block)
        declared = request.declared
        region = self._region
        if request.gone:
            return
        if request.headless or request.bodiless:
            if not request.begun:
                region.leave()
                self._begin(request)
                self._outbox.flush()
                region.enter(request)
            return
        if not request.begun and len(block) == declared <= self._window:
            # All of it: the server need not be told twice. What the iterable does now keeps nobody waiting.
            region.leave()
            request.begun = request.complete = True
            request.sent = declared
            self._outbox.add(answer_frame(ANSWER, request.ident, request.head, block))
            self._outbox.flush()
            region.enter(request)
            return
        if 0 <= declared < request.given:
            block = block[:declared - request.sent]
        region.leave()
        self._send_pieces(request, block)
        region.enter(request)

    def _begin(self, request: Request) -> None:
        assert request.head is not None
        request.begun = True
        self._outbox.add(answer_frame(HEAD, request.ident, request.head))

    def _send_pieces(self, request: Request, block: bytes) -> None:
        """As far as there is credit, then it waits for more. Outside the region but for the wait."""
        if not request.begun:
            self._begin(request)
        outbox = self._outbox
        at, size = 0, len(block)
        while at < size and not request.gone:
            credit = self._window + request.granted - request.sent
            if credit <= 0:
                self._await(request, lambda: self._window + request.granted > request.sent)
                continue
            length = min(size - at, credit, BLOCK_LIMIT)
            request.sent += length
            if length < _LARGE:
                outbox.add(frame(DATA, request.ident, block[at:at + length]))
                outbox.flush()
            else:
                outbox.send_block(frame_head(DATA, request.ident, length), memoryview(block)[at:at + length])
            at += length

    def _await(self, request: Request, ready: Callable[[], bool]) -> None:
        """Waits, which may be interrupted."""
        self._outbox.flush()
        self._region.enter(request)
        request.wait(ready)
        self._region.leave()

    def _answer_file(self, request: Request, wrapper: FileWrapper) -> bool:
        """Lets the server send a file; false where it is to be iterated."""
        if request.head is None or request.begun or request.bodiless:
            return False
        file = regular_file(wrapper.filelike)
        if file is None or request.declared > file.rest:
            return False
        place = {'path': file.path, 'offset': file.offset, 'length': None if request.declared < 0 else request.declared}
        self._region.leave()
        request.begun = True
        self._outbox.add(answer_frame(FILE, request.ident, request.head, write_json(place)))
        self._await(request, lambda: request.file_taken is not None)
        self._region.enter(request)
        if request.file_taken is False:
            return False
        request.given = request.sent = max(request.declared, 0)
        return True

    # The end.

    def _close(self, request: Request, result: Any) -> None:
        """PEP 3333, "Specification Details": close() is called whatever happened, once. The region is left for good."""
        region = self._region
        try:
            close = getattr(result, 'close', None)
            if close is not None:
                close()
            region.leave()
        except BaseException as error:
            if isinstance(error, WireClosed):
                raise
            self._settle()
            self._tell(request, 'close() of the body raised %s\n%s' % (failure_message(error), failure_traceback(error)))
        if request.complete and request.given > request.declared >= 0:
            self._tell(request, _length_message(request.given, request.declared))

    def _finish(self, request: Request) -> None:
        """Outside the region."""
        if request.gone:
            self._end(request, END)
        elif request.head is None:
            raise RuntimeError('the application did not call start_response() (PEP 3333, "The start_response() Callable")')
        elif request.begun:
            self._check_length(request)
            self._end(request, END)
        elif request.headless:
            self._begin(request)
            self._end(request, END)
        else:
            self._check_length(request)
            request.begun = request.complete = True
            self._outbox.add(answer_frame(ANSWER, request.ident, request.head))

    def _fail(self, request: Request, error: BaseException) -> None:
        """ERROR, for whatever the application raised; or END, where it only noticed that the client is gone."""
        self._settle()
        if request.complete:
            self._tell(request, 'the application raised behind the whole of its answer: %s' % failure_traceback(error))
        elif request.gone and isinstance(error, RequestBodyError):
            self._end(request, END)
        else:
            self._end(request, ERROR, write_json({
                'message': failure_message(error),
                'traceback': failure_traceback(error),
                'interrupted': isinstance(error, RequestTimeout),
            }))

    def _check_length(self, request: Request) -> None:
        """PEP 3333, "Handling the Content-Length Header": neither more nor less."""
        if request.declared in (-1, request.given) or request.headless or request.bodiless:
            return
        self._tell(request, _length_message(request.given, request.declared))

    def _tell(self, request: Request, text: str) -> None:
        """For the log. Outside the region."""
        if request.complete:
            self._control.warn('%s: %s' % (request.name(), text))
        else:
            self._outbox.add(frame(NOTE, request.ident, write_json({'message': text})))

    # For the request.

    def warn_of_dropped(self, request: Request, names: Tuple[str, ...]) -> None:
        """PEP 3333, "Other HTTP Features". Inside the region."""
        self._region.leave()
        self._control.warn_once(
            ["the application's header %s is hop-by-hop and not sent (PEP 3333); said once" % name for name in names]
        )
        self._region.enter(request)

    def ask_for_body(self, request: Request, size: int) -> None:
        """Inside the region."""
        self._region.leave()
        # Whoever waits for a slow client lets the others have their answers.
        self._outbox.flush()
        self._control.send(PULL, request.ident, write_number(size))
        self._region.enter(request)

    def _settle(self) -> None:
        """The region is left, and no interruption is under way any more."""
        while True:
            try:
                self._region.leave()
                return
            except RequestTimeout:
                continue

    def _end(self, request: Request, kind: int, payload: bytes = b'') -> None:
        request.begun = request.complete = True
        self._outbox.add(frame(kind, request.ident, payload))


def _joined(blocks: Union[List[bytes], Tuple[bytes, ...]]) -> bytes:
    for block in blocks:
        _check_block(block)
    return b''.join(blocks)


def _check_block(block: object) -> None:
    if not isinstance(block, bytes):
        raise TypeError('a block of the body is %s, not bytes (PEP 3333, "Buffering and Streaming")' % described(block))


def _check_iterable(result: object) -> None:
    kind = type(result)
    if isinstance(result, (str, bytes)) or not (hasattr(kind, '__iter__') or hasattr(kind, '__getitem__')):
        raise TypeError(
            'the application returned %s, not an iterable of bytes (PEP 3333, "The Application/Framework Side")'
            % described(result)
        )


def _length_message(given: int, declared: int) -> str:
    if given > declared:
        return 'the body is longer than its Content-Length: %d bytes or more, %d declared' % (given, declared)
    return 'the body is shorter than its Content-Length: %d bytes, %d declared' % (given, declared)
