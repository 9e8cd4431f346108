"""A worker: its connections, its application, and the threads that call it."""

import os
import signal
import sys
import threading
import traceback
from typing import Any, Optional

from _thread import start_new_thread

from .caller import Caller
from .control import Control
from .fork_end import end_fork
from .frames import FAILED, LEAVING, LOADED
from .identity import Identity
from .intake import Intake, begun_counter
from .interruption import MainThreadRegion, RequestTimeout, ThreadRegion
from .lending import Lender
from .messages import Start
from .outbox import Outbox
from .preparation import NOT_LOADED, base_environ, failed_message, loaded_message, prepare, set_title
from .service import Service
from .stacks import tell_stacks
from .tunnels import Tunnels
from .wire_closed import WireClosed


class Worker:
    """Runs one application until the server says DRAIN."""

    def __init__(self, identity: Identity, application: Optional[Any] = None) -> None:
        """
        :param application: where it is loaded already
        """
        self._identity = identity
        self._application = application
        self._control = Control(identity.connect('control'), identity.remove_leftovers)
        tell_stacks(identity.wire, identity.worker)
        counter = begun_counter(identity.wire, identity.worker)
        data = identity.connect('data')
        self._intake = Intake(data, counter)
        self._outbox = Outbox(data)
        self._lender = None if identity.channel is None else Lender(identity.channel)
        self._tunnels = Tunnels(identity)

    def run(self) -> None:
        """Returns when no request is left after DRAIN."""
        control = self._control
        start = control.receive_start()
        set_title(start.title)
        control.listen(self._intake, self._outbox, self._tunnels.open)
        # The main thread may hold the lock of the connection at that very moment; another can wait for it.
        signal.signal(signal.SIGTERM, lambda _number, _frame: start_new_thread(self._ask_to_leave, ()) and None)
        service = Service(self._load(start), base_environ(start), start.window, self._outbox, control, self._lender)
        self._tunnels.serve(service)
        os.register_at_fork(after_in_child=self._forget)
        control.send(LOADED, 0, loaded_message(start))
        try:
            if start.threads == 1:
                self._serve_alone(service)
            else:
                self._serve_in_threads(service, start.threads)
            self._tunnels.wait()
        except BaseException as error:
            if control.forked:
                end_fork(error)
            self._look_after(error)
            raise
        if not self._intake.drained:
            self._identity.remove_leftovers()

    def _load(self, start: Start) -> Any:
        if self._application is not None:
            return self._application
        try:
            return prepare(start)
        except BaseException as error:
            self._control.send(FAILED, 0, failed_message(error))
            sys.exit(NOT_LOADED)

    def _serve_alone(self, service: Service) -> None:
        """In the main thread, where an application expects to be, and can be interrupted best."""
        caller = Caller(service, MainThreadRegion())
        while True:
            try:
                self._take_requests(caller)
                return
            except RequestTimeout as error:
                caller.recover(error)

    def _take_requests(self, caller: Caller) -> None:
        """Answers are gathered as long as requests are there."""
        intake, outbox = self._intake, self._outbox
        queue = intake.queue
        while True:
            try:
                claim = queue.popleft()
            except IndexError:
                outbox.flush()
                if not intake.fill() and not queue:
                    return
                outbox.gather_for(queue)
                continue
            intake.count_begun()
            caller.serve(*claim)
            if queue:
                outbox.flush_if_due()

    def _serve_in_threads(self, service: Service, count: int) -> None:
        """The main thread only waits, so that it can handle signals."""
        threads = [
            threading.Thread(target=self._take_turns, args=(service,), name='pulsar-%d' % (number + 1), daemon=True)
            for number in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _take_turns(self, service: Service) -> None:
        """One of several threads."""
        try:
            caller = Caller(service, ThreadRegion())
            claim = self._intake.claim()
            while claim is not None:
                try:
                    caller.serve(*claim)
                except RequestTimeout as error:
                    caller.recover(error)
                self._outbox.flush()
                claim = self._intake.claim()
        except BaseException as error:
            if self._control.forked:
                end_fork(error)
            self._look_after(error)
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)

    def _look_after(self, error: BaseException) -> None:
        """The server may be dead, and have left something."""
        if isinstance(error, WireClosed):
            self._identity.remove_leftovers()

    def _ask_to_leave(self) -> None:
        self._control.send(LEAVING)

    def _forget(self) -> None:
        """In a process that the application forked: our connections and requests are its parent's."""
        self._control.forget()
        self._intake.forget()
        self._outbox.forget()
        if self._lender is not None:
            self._lender.forget()
