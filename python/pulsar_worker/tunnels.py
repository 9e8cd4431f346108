"""WebSockets for a plain WSGI application: each is a connected socket in its environ, and a thread (docs/wire.md, "Tunnels")."""

import os
import socket
import sys
import threading
import traceback
from typing import Any, Dict, Optional, Set

from .caller import Caller
from .failure_text import failure_message, failure_traceback
from .fork_end import end_fork
from .frames import ERROR, frame
from .identity import Identity
from .interruption import RequestTimeout, ThreadRegion
from .messages import EMPTY, write_json
from .service import Service
from .wire_closed import WireClosed


class Tunnels:
    """Those that are open. The helper thread opens them."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._service: Optional[Service] = None
        self._threads: Set[threading.Thread] = set()

    def serve(self, service: Service) -> None:
        """Before the server knows that the application is loaded."""
        self._service = service

    def open(self, ident: int, environ: Dict[str, Any], token: str) -> None:
        assert self._service is not None
        thread = threading.Thread(
            target=self._run, args=(self._service, ident, environ, token), name='pulsar-websocket-%d' % ident, daemon=True
        )
        self._threads.add(thread)
        thread.start()

    def wait(self) -> None:
        """Until none is left."""
        for thread in list(self._threads):
            thread.join()

    def _run(self, service: Service, ident: int, environ: Dict[str, Any], token: str) -> None:
        try:
            try:
                tunnel = self._identity.connect('tunnel', token)
            except OSError as error:
                service.outbox.add(frame(ERROR, ident, write_json({
                    'message': failure_message(error), 'traceback': failure_traceback(error), 'interrupted': False,
                })))
            else:
                self._call(service, tunnel, ident, environ)
                del tunnel
            service.outbox.flush()
        except WireClosed:
            # The helper thread ends the process.
            return
        except BaseException as error:
            if service.control.forked:
                end_fork(error)
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        finally:
            self._threads.discard(threading.current_thread())

    def _call(self, service: Service, tunnel: socket.socket, ident: int, environ: Dict[str, Any]) -> None:
        """It does not close the tunnel: a library may have a thread that is about to write the last frame, and closes it itself.

        Where nobody has it any more it is closed when this returns; and the server does not wait for long.
        """
        caller = Caller(service._replace(lender=None, environ={**service.environ, 'werkzeug.socket': tunnel}), ThreadRegion())
        try:
            caller.serve(ident, environ, EMPTY, None)
        except RequestTimeout as error:
            caller.recover(error)
