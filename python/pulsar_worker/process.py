"""The process: its standard streams, signals, title and end."""

import os
import signal
import sys
import traceback
from typing import Any, NoReturn, Optional

from .identity import take_identity
from .life_line import hold_life_line
from .template import Template
from .worker import Worker

#: The exit status after an error of our own.
FAILURE = 1


def main() -> NoReturn:
    """Runs until the server says DRAIN, or is gone."""
    try:
        set_streams()
        ignore_signals()
        identity = take_identity(os.environ)
        application: Optional[Any] = None
        if identity.template:
            # Returns in each process that it forks, and at the end of the template itself.
            forked = Template(identity).run()
            if forked is None:
                sys.exit(0)
            identity, application = forked
            open_log(identity.connect('log').detach())
        # A name keeps it open.
        _line = hold_life_line(identity)
        Worker(identity, application).run()
    except SystemExit:
        raise
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        sys.exit(FAILURE)
    sys.exit(0)


def set_streams() -> None:
    """Whole lines, as they come: they are read from a pipe by the server, which takes them for UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, 'reconfigure', None)
        if reconfigure is not None:
            reconfigure(encoding='utf-8', errors='backslashreplace', line_buffering=True, write_through=False)


def ignore_signals() -> None:
    """Those that a terminal or an operator sends to the whole group are for the server to act on."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        # Not SIG_IGN, which programs that the application starts would inherit.
        signal.signal(number, lambda _number, _frame: None)
        signal.siginterrupt(number, False)


def open_log(descriptor: int) -> None:
    """Standard output and error of a forked worker, which has its template's until now."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
