"""Runs a config file of gunicorn's, as gunicorn does, and prints the names that it sets, as JSON.

    python gunicorn_settings.py FILE

The standard library is enough: neither gunicorn nor the application is imported, unless the file does so.
"""

import json
import os
import sys
import tokenize
import types


def read(path):
    """The namespace that the file leaves behind; `python:NAME` is a module, as gunicorn has it."""
    if path.startswith('python:'):
        __import__(path[7:])
        return vars(sys.modules[path[7:]])
    path = path[5:] if path.startswith('file:') else path
    module = types.ModuleType('__config__')
    module.__file__ = path
    with tokenize.open(path) as file:
        code = compile(file.read(), path, 'exec')
    sys.modules['__config__'] = module
    exec(code, module.__dict__)
    return vars(module)


def entry(name, value):
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
        return {'name': name, 'kind': 'function', 'value': None}
    if isinstance(value, type):
        return {'name': name, 'kind': 'other', 'value': repr(value)}
    try:
        return {'name': name, 'kind': 'value', 'value': json.loads(json.dumps(value, allow_nan=False))}
    except (TypeError, ValueError):
        return {'name': name, 'kind': 'other' if callable(value) else 'value', 'value': repr(value)}


def main():
    # What the file prints is not the answer.
    answer = os.fdopen(os.dup(1), 'w', encoding='utf-8')
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    names = read(sys.argv[1])
    entries = [
        entry(name, value) for name, value in names.items()
        if not name.startswith('_') and not isinstance(value, types.ModuleType)
    ]
    json.dump(entries, answer)
    answer.close()


main()
