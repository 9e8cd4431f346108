"""Linux: the system itself ends this process with its server, also one in which nothing else runs any more.

C code that holds Python's lock for ever keeps the helper thread from noticing that the server is gone, and the parent may be a
template. But the system sends a signal, if asked for, when the other side of a connection is closed.
"""

import os
import signal
import socket
import sys

from .identity import Identity


def hold_life_line(identity: Identity) -> socket.socket:
    """A connection on which nothing is said but HELLO. While it is open the end of the server's side kills this process.

    A server that has ended before is noticed by the connections that are made behind this.
    """
    line = identity.connect('life')
    if sys.platform.startswith('linux'):
        import fcntl
        try:
            fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
            fcntl.fcntl(line, fcntl.F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
        except OSError:
            # Systems that only look like Linux may not have it: as elsewhere, the helper thread has to notice.
            pass
    return line
