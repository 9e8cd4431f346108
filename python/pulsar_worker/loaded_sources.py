"""Which files an application was loaded from, for the server to watch."""

import os
import sys
import sysconfig
from typing import List

#: Loaded when Python started, as sitecustomize is, which may be anywhere.
_before = frozenset(sys.modules)
_own = os.path.dirname(os.path.abspath(__file__))


def loaded_sources() -> List[str]:
    """Paths of the Python files that were loaded so far, but for the interpreter's, installed packages' and our own."""
    installed = {
        os.path.realpath(path) + os.sep
        for kind, path in sysconfig.get_paths().items() if kind in ('stdlib', 'platstdlib', 'purelib', 'platlib')
    }
    installed.add(os.path.realpath(_own) + os.sep)
    found = set()
    for name, module in list(sys.modules.items()):
        if name in _before:
            continue
        file = getattr(module, '__file__', None)
        if not isinstance(file, str) or not file.endswith('.py'):
            continue
        path = os.path.realpath(file)
        parts = path.split(os.sep)
        if 'site-packages' in parts or 'dist-packages' in parts or any(path.startswith(below) for below in installed):
            continue
        found.add(path)
    return sorted(found)
