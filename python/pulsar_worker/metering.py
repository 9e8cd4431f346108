"""``environ['pulsar.metrics']``: metrics of the application's own (docs/observability.md)."""

import threading
from typing import Dict, Union

from .frames import METRIC, frame
from .interruption import Region
from .messages import write_json
from .service import Service

Number = Union[int, float]

#: Of one measurement on the wire, in bytes.
_LONGEST = 8192


class Metering:
    """For one thread that runs the application; others may use it too. What is measured leaves with the answer."""

    def __init__(self, service: Service, region: Region) -> None:
        self._outbox = service.outbox
        self._control = service.control
        self._region = region

    def count(self, name: str, by: Number = 1, help: str = '', **labels: object) -> None:
        """Something has happened, once or more often.

        :raises TypeError: for what is no number
        :raises ValueError: where ``by`` is negative, or all of it is too long
        """
        if by < 0:
            raise ValueError('a counter never falls: %r' % by)
        self._send('counter', name, by, help, labels)

    def set(self, name: str, value: Number, help: str = '', **labels: object) -> None:
        """A value that rises and falls: what was set last in a server process counts.

        :raises TypeError: for what is no number
        """
        self._send('gauge', name, value, help, labels)

    def observe(self, name: str, value: Number, help: str = '', **labels: object) -> None:
        """One of many values, such as a time in seconds.

        :raises TypeError: for what is no number
        """
        self._send('histogram', name, value, help, labels)

    def _send(self, kind: str, name: str, value: Number, help: str, labels: Dict[str, object]) -> None:
        number = float(value)
        if number != number or number in (float('inf'), float('-inf')):
            raise ValueError('%s: %r is no number to add up' % (name, value))
        texts = {label: str(text) for label, text in labels.items()}
        payload = write_json({'kind': kind, 'name': str(name), 'value': number, 'help': str(help), 'labels': texts})
        if len(payload) > _LONGEST:
            raise ValueError('%s: name, help and labels are too long: %d bytes' % (name, len(payload)))
        if self._control.forked:
            raise RuntimeError('this process was forked by the application: it has no connection to the server')
        region = self._region
        own = threading.get_ident() == region.ident
        running = region.running if own else None
        if running is not None:
            # A frame must not be cut in half by an interruption.
            region.leave()
        self._outbox.add(frame(METRIC, 0, payload))
        if not own:
            # No answer follows from there.
            self._outbox.flush()
        if running is not None:
            region.enter(running)
