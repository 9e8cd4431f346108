"""``--preload``: a process that loads the application once, and forks workers that share its memory (docs/wire.md)."""

import gc
import os
import select
import signal
import socket
import sys
from typing import Any, Dict, Optional, Tuple

from . import frames
from .control import Control
from .identity import Identity
from .life_line import hold_life_line
from .messages import Fork, read_fork, read_nothing, write_json
from .preparation import NOT_LOADED, failed_message, loaded_message, prepare, set_title
from .wire_closed import WireClosed

Forked = Tuple[Identity, Any]


class Template:
    """One thread only, so that a fork takes nothing along that another thread was in the middle of."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._line = hold_life_line(identity)
        self._control = Control(identity.connect('template'), identity.remove_leftovers)
        self._workers: Dict[int, int] = {}
        self._draining = False
        self._leaving = False
        self._wake, self._woken = socket.socketpair()
        self._application: Any = None

    def run(self) -> Optional[Forked]:
        """In each worker that it forks, who that is and what it runs; None at its own end."""
        start = self._control.receive_start()
        set_title(start.title)
        try:
            self._application = prepare(start)
        except BaseException as error:
            self._control.send(frames.FAILED, 0, failed_message(error))
            sys.exit(NOT_LOADED)
        # From here on only this code runs: it notices the end of the server, and removes what that has left.
        self._line.close()
        # What was loaded is not looked at by the collector again: its pages stay shared.
        gc.collect()
        gc.freeze()
        self._watch_signals()
        self._control.send(frames.LOADED, 0, loaded_message(start))
        try:
            return self._follow()
        except WireClosed:
            # A worker has ended with the server, and nobody is there to be told.
            self._identity.remove_leftovers()
            return None

    def _watch_signals(self) -> None:
        """A signal makes select() return."""
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, self._terminated)

    def _terminated(self, _number: int, _frame: Any) -> None:
        self._leaving = True

    def _follow(self) -> Optional[Forked]:
        count = 0
        while True:
            # The first time, what came with START.
            for kind, _, payload in self._control.reader.frames(count):
                forked = self._act(kind, payload)
                if forked is not None:
                    return forked
            count = 0
            if self._draining and not self._workers:
                return None
            ready, _, _ = select.select([self._control.socket, self._woken], [], [])
            if self._woken in ready:
                self._woken.recv(4096)
            self._reap()
            if self._leaving:
                self._leaving = False
                self._control.send(frames.LEAVING)
            if self._control.socket in ready:
                count = self._control.receive()

    def _act(self, kind: int, payload: memoryview) -> Optional[Forked]:
        if kind == frames.FORK:
            return self._fork(read_fork(payload))
        if kind != frames.DRAIN:
            raise frames.ProtocolError('a frame of type %d is not for a template' % kind)
        read_nothing(payload)
        self._draining = True
        return None

    def _fork(self, wanted: Fork) -> Optional[Forked]:
        try:
            process = os.fork()
        except OSError as error:
            self._control.warn('worker %d cannot be forked: %s' % (wanted.worker, error))
            self._tell_exit(wanted.worker, 1, None)
            return None
        if process != 0:
            self._workers[process] = wanted.worker
            return None
        # Python's own random numbers are seeded anew by Python itself.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for connection in (self._control.socket, self._wake, self._woken):
            connection.close()
        return Identity(self._identity.wire, wanted.worker, wanted.token, False), self._application

    def _reap(self) -> None:
        """Only its own workers: the application may have started processes when it was loaded."""
        for process, worker in list(self._workers.items()):
            ended, state = os.waitpid(process, os.WNOHANG)
            if ended == 0:
                continue
            del self._workers[process]
            if os.WIFSIGNALED(state):
                self._tell_exit(worker, None, _signal_name(os.WTERMSIG(state)))
            else:
                self._tell_exit(worker, os.WEXITSTATUS(state), None)

    def _tell_exit(self, worker: int, status: Optional[int], name: Optional[str]) -> None:
        self._control.send(frames.EXITED, 0, write_json({'worker': worker, 'status': status, 'signal': name}))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        # A real-time signal.
        return 'SIG%d' % number
