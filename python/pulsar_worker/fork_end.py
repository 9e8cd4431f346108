"""The end of a process that the application forked and that came back to us."""

import os
import sys
import traceback
from typing import NoReturn

from .wire_closed import WireClosed


def end_fork(error: BaseException) -> NoReturn:
    """As if it had ended by itself."""
    status = 1
    if isinstance(error, SystemExit):
        status = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    elif isinstance(error, WireClosed):
        print('a process that the application forked returned into the server and is ended', file=sys.stderr)
    else:
        traceback.print_exception(type(error), error, error.__traceback__)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
