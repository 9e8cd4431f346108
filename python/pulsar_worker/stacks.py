"""Where all threads are, told at any time: by a signal, which also comes through where Python's own lock is held for long."""

import faulthandler
import os
import signal

#: Ignored else: an operator sends it to the server.
STACKS_SIGNAL = signal.SIGUSR2


def tell_stacks(wire: str, worker: int) -> None:
    """From now on the signal appends the stacks of all threads to the file ``worker-N.stacks`` beside the socket."""
    if not hasattr(faulthandler, 'register'):
        # Not every implementation of Python has it.
        return
    path = os.path.join(os.path.dirname(wire), 'worker-%d.stacks' % worker)
    # Never closed: the handler, in C, has nothing but its number.
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    faulthandler.register(STACKS_SIGNAL, file, all_threads=True, chain=False)
