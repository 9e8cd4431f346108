"""From START to an application that can be called, and what the server is told of it."""

import os
import platform
import sys
from typing import Any, Dict

from .failure_text import failure_message, failure_traceback
from .file_wrapper import FileWrapper
from .loaded_sources import loaded_sources
from .loader import TargetError, load_application
from .messages import Start, write_json

#: The exit status of a process whose application cannot be loaded.
NOT_LOADED = 3


def prepare(start: Start) -> Any:
    """The application, in the environment, directory and path that it was promised.

    :raises BaseException: whatever its modules raise
    """
    for name, value in start.env.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    os.chdir(start.cwd)
    sys.path[:0] = [start.cwd] + [os.path.abspath(path) for path in start.pythonPath]
    return load_application(start.target)


def base_environ(start: Start) -> Dict[str, Any]:
    """What is the same in every environ (PEP 3333, "environ Variables")."""
    return {
        **start.environ,
        'wsgi.version': (1, 0),
        'wsgi.errors': sys.stderr,
        'wsgi.multithread': start.multithread,
        'wsgi.multiprocess': start.multiprocess,
        'wsgi.run_once': False,
        'wsgi.input_terminated': True,
        'wsgi.file_wrapper': FileWrapper,
    }


def loaded_message(start: Start) -> bytes:
    """The payload of LOADED."""
    return write_json({
        'python': platform.python_version(),
        'implementation': platform.python_implementation(),
        'executable': sys.executable,
        'application': start.target,
        'sources': loaded_sources() if start.watch else [],
    })


def failed_message(error: BaseException) -> bytes:
    """The payload of FAILED. What we say of a target needs no traceback: it is the target that is wrong."""
    if isinstance(error, TargetError):
        return write_json({'message': str(error), 'traceback': ''})
    return write_json({'message': failure_message(error), 'traceback': failure_traceback(error)})


def set_title(title: str) -> None:
    """What ``ps -e`` and ``top`` show, on Linux, which keeps 15 bytes of it."""
    try:
        with open('/proc/self/comm', 'wb') as file:
            file.write(title.encode('utf-8', 'replace')[:15])
    except OSError:
        # Another system: a title is nothing to fail for.
        return
