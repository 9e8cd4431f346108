"""The control connection: a helper thread reads it, any thread writes it."""

import os
import socket
import sys
import threading
import traceback
from typing import Any, Callable, Dict, List, Set

from . import frames
from .frames import CONTROL_TYPES, FrameReader, ProtocolError, frame
from .intake import Intake
from .messages import Start, read_nothing, read_number, read_start, read_text, read_tunnel, write_numbers, write_text
from .outbox import Outbox
from .request import Request
from .wire_closed import WireClosed

#: How many cancelled ids are remembered whose requests have not come. Most of them are of requests that have ended.
_EARLY_LIMIT = 256

#: Takes the id of a request, its environ, and the token to connect with.
OpenTunnel = Callable[[int, Dict[str, Any], str], None]


class Control:
    """What the server says about requests that run, and what is said to it besides answers."""

    def __init__(self, sock: socket.socket, at_end: Callable[[], None]) -> None:
        """
        :param at_end: called when the connection has ended, before the process does
        """
        self.socket = sock
        self._at_end = at_end
        self.reader = FrameReader(CONTROL_TYPES)
        #: Requests that are begun, by their ids.
        self.live: Dict[int, Request] = {}
        #: Not begun, but what was said about it counts: CANCEL or CLIENT_ENDED.
        self.early: Dict[int, int] = {}
        #: This process was forked by the application: the server knows nothing of it.
        self.forked = False
        self._lock = threading.Lock()
        self._warned: Set[str] = set()

    # For the threads that run the application.

    def opened(self, request: Request) -> None:
        """The request is begun: frames for it are passed on from now."""
        ident = request.ident
        self.live[ident] = request
        # The helper thread writes early first and reads live then; so one of both sees the other's.
        if self.early and ident in self.early:
            _leave(request, self.early.pop(ident, frames.CANCEL))

    def closed(self, ident: int) -> None:
        del self.live[ident]

    def send(self, kind: int, ident: int = 0, payload: bytes = b'') -> None:
        """
        :raises WireClosed: nobody is there to read it
        """
        with self._lock:
            try:
                self.socket.sendall(frame(kind, ident, payload))
            except OSError as error:
                raise WireClosed('the control connection is gone: %s' % error) from error

    def warn(self, text: str) -> None:
        self.send(frames.WARNING, 0, write_text(text))

    def warn_once(self, texts: List[str]) -> None:
        for text in texts:
            if text not in self._warned and len(self._warned) < _EARLY_LIMIT:
                self._warned.add(text)
                self.warn(text)

    # Reading.

    def receive_start(self) -> Start:
        """The first frame, awaited by whoever calls."""
        while True:
            for kind, _, payload in self.reader.frames(self.receive()):
                if kind != frames.START:
                    raise ProtocolError('the first frame is not START but of type %d' % kind)
                return read_start(payload)

    def listen(self, intake: Intake, outbox: Outbox, open_tunnel: OpenTunnel) -> None:
        """Starts the helper thread."""
        listener = _Listener(self, intake, outbox, open_tunnel)
        threading.Thread(target=listener.run, name='pulsar-control', daemon=True).start()

    def receive(self) -> int:
        """Waits for bytes; how many came. The process ends with the connection, whatever it does: nobody wants its answers."""
        try:
            count = self.socket.recv_into(self.reader.space())
        except ConnectionError:
            count = 0
        if count == 0:
            self._at_end()
            os._exit(0)
        return count

    def forget(self) -> None:
        """In a process that the application forked: whoever had the lock does not exist there."""
        self.forked = True
        self._lock = threading.Lock()
        self.socket.close()


def _leave(request: Request, how: int) -> None:
    if how == frames.CANCEL:
        request.cancel()
    else:
        request.client_ended = True


class _Listener:
    """The helper thread."""

    def __init__(self, control: Control, intake: Intake, outbox: Outbox, open_tunnel: OpenTunnel) -> None:
        self._control = control
        self._intake = intake
        self._outbox = outbox
        self._open_tunnel = open_tunnel
        self._actions: Dict[int, Callable[[int, memoryview], None]] = {
            frames.CANCEL: self._cancel,
            frames.CREDIT: self._credit,
            frames.BODY: self._body,
            frames.BODY_FAILED: self._body_failed,
            frames.RECALL: self._recall,
            frames.TIMEOUT: self._timeout,
            frames.DRAIN: self._drain,
            frames.FILE_TAKEN: self._file_taken,
            frames.FILE_REFUSED: self._file_refused,
            frames.CLIENT_ENDED: self._client_ended,
            frames.TUNNEL: self._tunnel,
        }

    def run(self) -> None:
        control = self._control
        count = 0
        try:
            while True:
                # The first time, what came with START.
                for kind, ident, payload in control.reader.frames(count):
                    action = self._actions.get(kind)
                    if action is None:
                        raise ProtocolError('a frame of type %d is not for a worker that runs' % kind)
                    action(ident, payload)
                count = control.receive()
        except BaseException:
            # Nobody would hear of anything any more, and the main thread may be anywhere.
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)

    def _cancel(self, ident: int, payload: memoryview) -> None:
        read_nothing(payload)
        self._left(ident, frames.CANCEL)

    def _client_ended(self, ident: int, payload: memoryview) -> None:
        read_nothing(payload)
        self._left(ident, frames.CLIENT_ENDED)

    def _left(self, ident: int, how: int) -> None:
        early, live = self._control.early, self._control.live
        early[ident] = how
        request = live.get(ident)
        if request is not None:
            early.pop(ident, None)
            _leave(request, how)
        elif len(early) > _EARLY_LIMIT:
            early.pop(next(iter(early)), None)

    def _credit(self, ident: int, payload: memoryview) -> None:
        size = read_number(payload)
        request = self._control.live.get(ident)
        if request is not None:
            request.grant(size)

    def _body(self, ident: int, payload: memoryview) -> None:
        request = self._control.live.get(ident)
        if request is not None:
            request.deliver(bytes(payload))

    def _body_failed(self, ident: int, payload: memoryview) -> None:
        reason = read_text(payload)
        request = self._control.live.get(ident)
        if request is not None:
            request.fail_body(reason)

    def _recall(self, _: int, payload: memoryview) -> None:
        read_nothing(payload)
        given_back = self._intake.recall()
        self._outbox.flush_unless_busy()
        self._control.send(frames.RECALLED, 0, write_numbers(given_back))

    def _timeout(self, ident: int, payload: memoryview) -> None:
        read_nothing(payload)
        request = self._control.live.get(ident)
        if request is None:
            return
        region = request.caller.region
        where = sys._current_frames().get(region.ident)
        stack = '' if where is None else ''.join(traceback.format_stack(where))
        self._control.send(frames.STACK, ident, write_text(stack))
        region.interrupt(request)
        request.wake()

    def _tunnel(self, ident: int, payload: memoryview) -> None:
        self._open_tunnel(ident, *read_tunnel(ident, payload))

    def _drain(self, _: int, payload: memoryview) -> None:
        read_nothing(payload)
        self._intake.end()

    def _file_taken(self, ident: int, payload: memoryview) -> None:
        self._settle_file(ident, payload, taken=True)

    def _file_refused(self, ident: int, payload: memoryview) -> None:
        self._settle_file(ident, payload, taken=False)

    def _settle_file(self, ident: int, payload: memoryview, *, taken: bool) -> None:
        read_nothing(payload)
        request = self._control.live.get(ident)
        if request is not None:
            request.settle_file(taken)
