"""Linux: the system itself ends a process with its parent, also one in which nothing else runs any more.

C code that holds Python's lock for ever keeps the helper thread from noticing that the server is gone.
"""

import signal
import sys

#: <linux/prctl.h>
_PR_SET_PDEATHSIG = 1


def end_with_parent(wanted: bool = True) -> bool:
    """Until it is said otherwise; what this process forks does not inherit it. False where it cannot be had.

    A parent that is dead already is noticed by the connection to it, which is made behind this.
    """
    if not sys.platform.startswith('linux'):
        return False
    try:
        import ctypes
        prctl = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        # A Python without ctypes, or a C library that is linked into it.
        return False
    number = signal.SIGKILL if wanted else 0
    return bool(prctl(_PR_SET_PDEATHSIG, *(ctypes.c_ulong(value) for value in (number, 0, 0, 0))) == 0)
