"""Who this process is to the server, and its connections (docs/wire.md, "Two sockets")."""

import os
import socket
from typing import MutableMapping, NamedTuple, Optional

from .frames import HELLO, frame
from .messages import WIRE_VERSION, write_json

#: How long a server that is being killed may go on listening, in seconds.
_DYING = 0.25


class Identity(NamedTuple):
    #: The path of the server's socket.
    wire: str
    worker: int
    token: str
    #: It loads the application and forks workers, and takes no requests.
    template: bool
    #: A descriptor of the channel by which it is lent sockets; None of a process that a template forks.
    channel: Optional[int] = None

    def connect(self, role: str, token: Optional[str] = None) -> socket.socket:
        """A connection that has said HELLO.

        :param token: another than the worker's own
        :raises OSError: the server is not there
        """
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self.wire)
        connection.sendall(frame(HELLO, 0, write_json({
            'wire': WIRE_VERSION, 'worker': self.worker, 'token': token or self.token, 'role': role, 'pid': os.getpid(),
        })))
        return connection

    def remove_leftovers(self) -> None:
        """The directory of a server that was killed, which cannot remove it any more. Of one that lives nothing is touched."""
        try:
            while True:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                    probe.settimeout(_DYING)
                    probe.connect(self.wire)
                    # The system closes a dead process's sockets one after the other: its listener ends, and with it this.
                    probe.recv(1)
        except (ConnectionRefusedError, ConnectionResetError, FileNotFoundError):
            self._remove_directory()
        except OSError:
            # Somebody listens.
            return

    def _remove_directory(self) -> None:
        """The socket last: by that the next server finds what was not removed to the end, where the system kills this process."""
        directory, wire = os.path.split(self.wire)
        try:
            for name in sorted(os.listdir(directory), key=lambda name: name == wire):
                try:
                    os.unlink(os.path.join(directory, name))
                except FileNotFoundError:
                    # Another process does the same.
                    continue
            os.rmdir(directory)
        except OSError:
            return


def take_identity(environment: MutableMapping[str, str]) -> Identity:
    """Out of the environment, where it does not stay: what the application starts is nobody to the server.

    :raises ValueError: it is not there
    """
    wire = environment.pop('PULSAR_WIRE', '')
    channel = environment.pop('NODE_CHANNEL_FD', '')
    environment.pop('NODE_CHANNEL_SERIALIZATION_MODE', '')
    parts = environment.pop('PULSAR_WORKER', '').split(':')
    if not wire or len(parts) not in (2, 3) or not parts[0].isdigit() or parts[2:] not in ([], ['template']):
        raise ValueError('PULSAR_WIRE and PULSAR_WORKER are not set: this program is started by a Pulsar server')
    return Identity(wire, int(parts[0]), parts[1], len(parts) == 3, int(channel) if channel.isdigit() else None)
