"""Which files an application was loaded from, for the server to watch."""

import os
import sys
import sysconfig
from typing import List

_own = os.path.dirname(os.path.abspath(__file__))


def loaded_sources() -> List[str]:
    """Paths of the Python files that were loaded so far, but for the interpreter's, installed packages' and our own."""
    installed = {
        os.path.realpath(path) + os.sep
        for name, path in sysconfig.get_paths().items() if name in ('stdlib', 'platstdlib', 'purelib', 'platlib')
    }
    installed.add(os.path.realpath(_own) + os.sep)
    found = set()
    for module in list(sys.modules.values()):
        file = getattr(module, '__file__', None)
        if not isinstance(file, str) or not file.endswith('.py'):
            continue
        path = os.path.realpath(file)
        parts = path.split(os.sep)
        if 'site-packages' in parts or 'dist-packages' in parts or any(path.startswith(below) for below in installed):
            continue
        found.add(path)
    return sorted(found)
