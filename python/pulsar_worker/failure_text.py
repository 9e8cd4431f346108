"""An exception as text for the log."""

import os
import traceback

_own = os.path.dirname(os.path.abspath(__file__)) + os.sep


def failure_message(error: BaseException) -> str:
    """``ValueError: what it says``, in one line where the exception's own text is one."""
    return ''.join(traceback.format_exception_only(type(error), error)).strip()


def failure_traceback(error: BaseException) -> str:
    """As Python prints it, from where the application was called on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and trace.tb_frame.f_code.co_filename.startswith(_own):
        trace = trace.tb_next
    return ''.join(traceback.format_exception(type(error), error, trace))
