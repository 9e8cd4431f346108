"""The Python half of Pulsar's bridge: runs one WSGI application for a Pulsar server.

The server starts it as ``python -u pulsar_worker`` and talks to it over two Unix sockets; ``docs/wire.md`` specifies what
goes over them. Standard library only, for Python 3.8 and later.

Where to begin: ``worker.py`` puts the parts together, ``caller.py`` is the path of one request through the application.
"""
