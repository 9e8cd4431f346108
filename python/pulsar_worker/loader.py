"""Finds the application: ``package.module:callable`` or ``path/to/app.py:callable`` (docs/wire.md, "START")."""

import ast
import importlib
import importlib.util
import os
import re
import sys
from types import ModuleType
from typing import Any, List, Optional, Tuple

_DEFAULTS = ('application', 'app')


class TargetError(Exception):
    """The target leads to no application; the message says why."""


def load_application(target: str) -> Any:
    """
    :raises TargetError: there is no such thing
    :raises BaseException: whatever the application's own modules raise
    """
    place, expression = split_target(target)
    module = _load_file(place) if place.endswith('.py') else _load_module(place)
    if expression is None:
        return _default(module, place)
    application = _evaluate(module, place, expression)
    if not callable(application):
        raise TargetError('%s is %s, which cannot be called' % (target, _described(application)))
    return application


def split_target(target: str) -> Tuple[str, Optional[str]]:
    """The module or file, and the expression behind it."""
    match = re.fullmatch(r'(.*?\.py)(?::(.*))?', target, re.DOTALL) or re.fullmatch(r'([^:]*)(?::(.*))?', target, re.DOTALL)
    if match is None or not match.group(1):
        raise TargetError('%r is neither package.module:callable nor path/to/app.py:callable' % target)
    return match.group(1), match.group(2) or None


def _load_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A part of the name itself, or something that the module imports?
        if error.name is not None and (name + '.').startswith(error.name + '.'):
            raise TargetError('there is no module %s; looked in: %s' % (error.name, ', '.join(sys.path))) from error
        raise


def _load_file(path: str) -> ModuleType:
    """As Python would import it: as part of the package that its directories make, if they do."""
    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise TargetError('there is no file %s' % path)
    directory, file = os.path.split(path)
    parts = [file[:-len('.py')]]
    while os.path.isfile(os.path.join(directory, '__init__.py')):
        directory, package = os.path.split(directory)
        parts.insert(0, package)
    if directory not in sys.path:
        sys.path.insert(0, directory)
    if len(parts) > 1:
        return _load_module('.'.join(parts[:-1] if parts[-1] == '__init__' else parts))
    return _load_alone(parts[0], path)


def _load_alone(name: str, path: str) -> ModuleType:
    # A file called json.py must not stand in for Python's own.
    if name in sys.modules:
        name = 'pulsar_application_%s' % name
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TargetError('%s is no Python file' % path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _default(module: ModuleType, place: str) -> Any:
    for name in _DEFAULTS:
        application = getattr(module, name, None)
        if callable(application):
            return application
    raise TargetError(
        '%s has neither "application" nor "app" that can be called; say which it is: %s:NAME%s' % (place, place, _offered(module))
    )


def _evaluate(module: ModuleType, place: str, expression: str) -> Any:
    try:
        tree = ast.parse(expression.strip(), mode='eval')
    except SyntaxError as error:
        raise TargetError('%r is neither a name nor a call: %s' % (expression, error.msg)) from error
    return _value(tree.body, module, place, expression)


def _value(node: ast.expr, module: ModuleType, place: str, expression: str) -> Any:
    """Names, attributes, and calls with literals: no code of the target's runs but what the module has."""
    if isinstance(node, ast.Name):
        return _attribute(module, node.id, place)
    if isinstance(node, ast.Attribute):
        return _attribute(_value(node.value, module, place, expression), node.attr, '%s:%s' % (place, expression))
    if isinstance(node, ast.Call):
        function = _value(node.func, module, place, expression)
        if not callable(function):
            raise TargetError('%s:%s calls %s, which cannot be called' % (place, expression, _described(function)))
        try:
            positional = [ast.literal_eval(argument) for argument in node.args]
            named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords}
        except ValueError as error:
            raise TargetError('%s: only literals may be given, as in create_app("production")' % expression) from error
        if None in named:
            raise TargetError('%s: ** is not taken here' % expression)
        return function(*positional, **{str(name): value for name, value in named.items()})
    raise TargetError('%r is neither a name nor a call with literals' % expression)


def _attribute(holder: Any, name: str, place: str) -> Any:
    try:
        return getattr(holder, name)
    except AttributeError as error:
        # Raised for this very name, and not by code behind it.
        if hasattr(holder, '__dict__') and name in vars(holder):
            raise
        raise TargetError('%s has no %s%s' % (place, name, _offered(holder))) from error


def _offered(holder: Any) -> str:
    names: List[str] = sorted(
        name for name, value in getattr(holder, '__dict__', {}).items() if callable(value) and not name.startswith('_')
    )
    return '; it has: %s' % ', '.join(names[:20]) if names else ''


def _described(value: Any) -> str:
    return 'None' if value is None else '%s (%s)' % (type(value).__name__, repr(value)[:80])
