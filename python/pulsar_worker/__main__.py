"""Starts the worker. Run as a directory, so that the package is known by its name and nothing else is on the path."""

import importlib.util
import os
import sys


def load_package() -> None:
    """Python put this directory first on sys.path: an application could import our files by accident."""
    directory = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != directory]
    spec = importlib.util.spec_from_file_location(
        'pulsar_worker', os.path.join(directory, '__init__.py'), submodule_search_locations=[directory]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules['pulsar_worker'] = package
    spec.loader.exec_module(package)


# Also read by multiprocessing's "spawn", under another name, which must start nothing.
if __name__ == '__main__':
    load_package()
    from pulsar_worker.process import main

    main()
