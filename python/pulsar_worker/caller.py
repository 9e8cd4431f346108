"""The path of one request through the application, in one thread (PEP 3333, "The Server/Gateway Side")."""

from typing import Any, Dict, Optional, Tuple

from .answering import Answering
from .blocks import check_iterable, length_message
from .failure_text import failure_message, failure_traceback
from .file_wrapper import FileWrapper
from .frames import END, ERROR, PULL
from .interruption import Region, RequestTimeout
from .messages import IN_FILE, Body, write_json, write_number
from .metering import Metering
from .publishing import Publishing
from .request import Request, RequestBodyError
from .request_input import request_input
from .service import Service
from .wire_closed import WireClosed


class Caller:
    """Calls the application for one request after the other."""

    def __init__(self, service: Service, region: Region) -> None:
        self.answering = Answering(service, region)
        self.region = region
        self._application = service.application
        self._environ = {
            **service.environ, 'pulsar.publish': Publishing(service, region).publish, 'pulsar.metrics': Metering(service, region),
        }
        self._outbox = service.outbox
        self._control = service.control
        self._running: Optional[Request] = None

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
            self.answering.end(request, END)
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
        region = self.region
        region.enter(request)
        result = self._application(environ, request.start_response)
        if (type(result) is list or type(result) is tuple) and request.head is not None and not request.begun:
            region.leave()
            self.answering.answer_list(request, result)
        else:
            self._answer_iterable(request, result)

    def _answer_iterable(self, request: Request, result: Any) -> None:
        """The region is the application's; it is left when this returns."""
        answering = self.answering
        try:
            check_iterable(result)
            if not (isinstance(result, FileWrapper) and answering.answer_file(request, result)):
                answering.iterate(request, result)
        finally:
            self._close(request, result)
        if not request.complete:
            answering.finish(request)

    def _close(self, request: Request, result: Any) -> None:
        """PEP 3333, "Specification Details": close() is called whatever happened, once. The region is left for good."""
        tell = self.answering.tell
        try:
            close = getattr(result, 'close', None)
            if close is not None:
                close()
            self.region.leave()
        except BaseException as error:
            if isinstance(error, WireClosed):
                raise
            self._settle()
            tell(request, 'close() of the body raised %s\n%s' % (failure_message(error), failure_traceback(error)))
        if request.complete and request.given > request.declared >= 0:
            tell(request, length_message(request.given, request.declared))

    def _fail(self, request: Request, error: BaseException) -> None:
        """ERROR, for whatever the application raised; or END, where it only noticed that the client is gone."""
        self._settle()
        answering = self.answering
        if request.complete:
            answering.tell(request, 'the application raised behind the whole of its answer: %s' % failure_traceback(error))
        elif request.gone and isinstance(error, RequestBodyError):
            answering.end(request, END)
        else:
            answering.end(request, ERROR, write_json({
                'message': failure_message(error),
                'traceback': failure_traceback(error),
                'interrupted': isinstance(error, RequestTimeout),
            }))

    def _settle(self) -> None:
        """The region is left, and no interruption is under way any more."""
        while True:
            try:
                self.region.leave()
                return
            except RequestTimeout:
                continue

    # For the request.

    def warn_of_dropped(self, request: Request, names: Tuple[str, ...]) -> None:
        """PEP 3333, "Other HTTP Features". Inside the region."""
        self.region.leave()
        self._control.warn_once(
            ["the application's header %s is hop-by-hop and not sent (PEP 3333); said once" % name for name in names]
        )
        self.region.enter(request)

    def ask_for_body(self, request: Request, size: int) -> None:
        """Inside the region."""
        self.region.leave()
        # Whoever waits for a slow client lets the others have their answers.
        self._outbox.flush()
        self._control.send(PULL, request.ident, write_number(size))
        self.region.enter(request)
