"""``environ['pulsar.publish']``: messages for whoever has subscribed, in the server and beyond (docs/pubsub.md)."""

import threading
from typing import Union

from .frames import PAYLOAD_LIMIT, PUBLISH, frame
from .interruption import Region
from .messages import write_published
from .service import Service


class Publishing:
    """The function of one thread that runs the application; others may call it too."""

    def __init__(self, service: Service, region: Region) -> None:
        self._outbox = service.outbox
        self._control = service.control
        self._region = region

    def publish(self, topic: str, message: Union[str, bytes, bytearray, memoryview]) -> None:
        """Sends a message, text or bytes, to all subscribers of the topic. It is on its way when this returns.

        :raises TypeError: for a topic that is no str, and a message that is neither str nor bytes
        :raises ValueError: for text that UTF-8 has no bytes for, or a message that is too long (64 MiB)
        :raises RuntimeError: in a process that the application forked
        """
        payload = write_published(topic, message)
        if len(payload) > PAYLOAD_LIMIT:
            raise ValueError('a message of %d bytes is too long: %d with its topic' % (len(payload), PAYLOAD_LIMIT))
        if self._control.forked:
            raise RuntimeError('this process was forked by the application: it has no connection to the server')
        region = self._region
        running = region.running if threading.get_ident() == region.ident else None
        if running is not None:
            # A frame must not be cut in half by an interruption.
            region.leave()
        self._outbox.add(frame(PUBLISH, 0, payload))
        self._outbox.flush()
        if running is not None:
            region.enter(running)
