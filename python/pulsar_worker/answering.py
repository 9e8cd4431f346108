"""The frames of one answer after the other, for one thread: as a whole, in blocks, as a file (docs/wire.md, "Frames")."""

from typing import Any, Callable, Iterable

from .blocks import check_block, joined, length_message
from .file_wrapper import FileWrapper, regular_file
from .frames import ANSWER, BLOCK_LIMIT, BORROW, DATA, END, FILE, HEAD, NOTE, WROTE, answer_frame, frame, frame_head
from .interruption import Region
from .lending import LONG, LentSocket, Lender
from .messages import write_json, write_number
from .request import Request
from .service import Service

#: Blocks from this length on are sent without being copied behind their head.
_LARGE = 1 << 15


class Answering:
    """What an application gave goes on the wire: with the length that it has or declared, and within its credit."""

    def __init__(self, service: Service, region: Region) -> None:
        self._window = service.window
        self._outbox = service.outbox
        self._control = service.control
        self._lender = service.lender
        self._region = region

    def answer_list(self, request: Request, blocks: Any) -> None:
        """All of the body is there: one frame, and the server knows its length."""
        body = blocks[0] if len(blocks) == 1 else joined(blocks)
        if type(body) is not bytes:
            check_block(body)
        size = len(body)
        head: Any = request.head
        if request.headless or request.bodiless:
            if not request.bodiless and request.declared < 0 and size > 0:
                head += b'\nContent-Length:%d' % size
            body = b''
        elif request.declared >= 0 and request.declared != size:
            self.tell(request, length_message(size, request.declared))
            body = body[:request.declared]
        if len(body) > self._window:
            if request.declared < 0:
                request.head = head + b'\nContent-Length:%d' % size
            self._send_pieces(request, body)
            self.end(request, END)
            return
        request.begun = request.complete = True
        self._outbox.add(answer_frame(ANSWER, request.ident, head, body))

    def iterate(self, request: Request, result: Iterable[bytes]) -> None:
        for block in result:
            if type(block) is not bytes:
                check_block(block)
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
            # All of it: the server need not be told twice. What the iterable does now keeps no client waiting for long.
            region.leave()
            request.begun = request.complete = True
            request.sent = declared
            self._outbox.add(answer_frame(ANSWER, request.ident, request.head, block))
            self._outbox.offer()
            region.enter(request)
            return
        if 0 <= declared < request.given:
            block = block[:declared - request.sent]
        region.leave()
        self._send_pieces(request, block)
        region.enter(request)

    def answer_file(self, request: Request, wrapper: FileWrapper) -> bool:
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

    def finish(self, request: Request) -> None:
        """Outside the region."""
        if request.gone:
            self.end(request, END)
        elif request.head is None:
            raise RuntimeError('the application did not call start_response() (PEP 3333, "The start_response() Callable")')
        elif request.begun:
            self._check_length(request)
            self.end(request, END)
        elif request.headless:
            self._begin(request)
            self.end(request, END)
        else:
            self._check_length(request)
            request.begun = request.complete = True
            self._outbox.add(answer_frame(ANSWER, request.ident, request.head))

    def end(self, request: Request, kind: int, payload: bytes = b'') -> None:
        self._give_back(request)
        request.begun = request.complete = True
        self._outbox.add(frame(kind, request.ident, payload))

    def tell(self, request: Request, text: str) -> None:
        """For the log. Outside the region."""
        if request.complete:
            self._control.warn('%s: %s' % (request.name(), text))
        else:
            self._outbox.add(frame(NOTE, request.ident, write_json({'message': text})))

    def _begin(self, request: Request) -> None:
        assert request.head is not None
        request.begun = True
        self._outbox.add(answer_frame(HEAD, request.ident, request.head))

    def _begin_long(self, request: Request, lender: Lender) -> None:
        """The server sends the head, and lends the client's socket if it can."""
        assert request.head is not None
        request.begun = True
        self._outbox.add(answer_frame(BORROW, request.ident, request.head))
        request.lent = lender.borrow(request.ident, self._outbox.flush)

    def _write_direct(self, request: Request, lent: LentSocket, block: bytes) -> int:
        written = lent.write(block)
        request.sent += written
        request.direct += written
        if written < len(block):
            self._give_back(request)
        else:
            self._tell_written(request, lent.untold())
        return written

    def _give_back(self, request: Request) -> None:
        """The server has the connection to itself again."""
        lent, request.lent = request.lent, None
        if lent is not None:
            lent.close()
            self._tell_written(request, lent.untold(1))

    def _tell_written(self, request: Request, count: int) -> None:
        if count:
            self._outbox.add(frame(WROTE, request.ident, write_number(count)))
            self._outbox.flush()

    def _send_pieces(self, request: Request, block: bytes) -> None:
        """As far as there is credit, then it waits for more. Outside the region but for the wait."""
        if not request.begun:
            if request.declared >= LONG and self._lender is not None:
                self._begin_long(request, self._lender)
            else:
                self._begin(request)
        outbox = self._outbox
        at, size = 0, len(block)
        if request.lent is not None and not request.gone:
            at = self._write_direct(request, request.lent, block)
        while at < size and not request.gone:
            credit = self._credit(request)
            if credit <= 0:
                self._await(request, lambda: self._credit(request) > 0)
                continue
            length = min(size - at, credit, BLOCK_LIMIT)
            request.sent += length
            if length < _LARGE:
                outbox.add(frame(DATA, request.ident, block[at:at + length]))
                outbox.flush()
            else:
                outbox.send_block(frame_head(DATA, request.ident, length), memoryview(block)[at:at + length])
            at += length

    def _credit(self, request: Request) -> int:
        return self._window + request.granted + request.direct - request.sent

    def _await(self, request: Request, ready: Callable[[], bool]) -> None:
        """Waits, which may be interrupted."""
        self._outbox.flush()
        self._region.enter(request)
        request.wait(ready)
        self._region.leave()

    def _check_length(self, request: Request) -> None:
        """PEP 3333, "Handling the Content-Length Header": neither more nor less."""
        if request.declared in (-1, request.given) or request.headless or request.bodiless:
            return
        self.tell(request, length_message(request.given, request.declared))
