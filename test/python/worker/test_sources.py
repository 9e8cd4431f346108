"""The package's own files: valid for Python 3.8, and with nothing but the standard library."""

import ast
import os
import sys
import unittest

from support import PACKAGE

FILES = sorted(name for name in os.listdir(PACKAGE) if name.endswith('.py'))

#: What the package uses of Python's library. Each of them is in 3.8.
MODULES = frozenset([
    '_thread', 'ast', 'collections', 'ctypes', 'faulthandler', 'fcntl', 'gc', 'importlib', 'io', 'json', 'marshal', 'mmap', 'os', 'platform',
    're', 'select', 'signal', 'socket', 'stat', 'struct', 'sys', 'sysconfig', 'tempfile', 'threading', 'time', 'traceback', 'types', 'typing',
])

#: Newer than 3.8, of the modules above and of the types that are built in.
NEWER = frozenset([
    'removeprefix', 'removesuffix', 'bit_count', 'add_note', 'unparse', 'batched', 'pidfd_open', 'waitstatus_to_exitcode',
    'process_cpu_count', 'pidfd_send_signal', 'send_fds', 'recv_fds', 'orig_argv', 'stdlib_module_names', 'exception',
    'setprofile_all_threads', 'settrace_all_threads', 'gettrace', 'getprofile', 'get_default_scheme', 'get_preferred_scheme', 'files',
    'NoneType', 'EllipsisType', 'UnionType', 'GenericAlias', 'Annotated', 'ParamSpec', 'Concatenate', 'TypeAlias', 'TypeGuard', 'TypeIs',
    'Self', 'Never', 'LiteralString', 'NotRequired', 'Required', 'ReadOnly', 'Unpack', 'TypeVarTuple', 'assert_never', 'assert_type',
    'reveal_type', 'override', 'get_annotations',
])


def source(name):
    with open(os.path.join(PACKAGE, name), encoding='utf-8') as file:
        return file.read()


def imported(tree):
    """Names of modules from outside, and names that are taken out of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split('.')[0]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or '').split('.')[0]


class Sources(unittest.TestCase):
    def test_every_file_is_python_3_8(self):
        self.assertGreater(len(FILES), 15)
        for name in FILES:
            with self.subTest(name):
                ast.parse(source(name), name, feature_version=(3, 8))

    def test_only_the_standard_library_is_imported(self):
        for name in FILES:
            for module in imported(ast.parse(source(name))):
                self.assertIn(module, MODULES | {'pulsar_worker'}, name)

    def test_nothing_newer_than_3_8_is_used(self):
        for name in FILES:
            for node in ast.walk(ast.parse(source(name))):
                used = node.attr if isinstance(node, ast.Attribute) else node.name if isinstance(node, ast.alias) else None
                self.assertNotIn(used, NEWER, name)

    def test_every_function_is_annotated(self):
        for name in FILES:
            for node in ast.walk(ast.parse(source(name))):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    with self.subTest('%s: %s' % (name, node.name)):
                        self.assertTrue(node.returns is not None)
                        parameters = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
                        bare = [one.arg for one in parameters if one.annotation is None and one.arg not in ('self', 'cls')]
                        self.assertEqual(bare, [])

    def test_files_and_functions_are_short(self):
        for name in FILES:
            text = source(name)
            self.assertLessEqual(max(map(len, text.splitlines())), 130, name)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    self.assertLessEqual((node.end_lineno or 0) - node.lineno, 45, '%s: %s' % (name, node.name))

    @unittest.skipUnless(sys.version_info >= (3, 10), 'sys.stdlib_module_names')
    def test_the_modules_are_the_standard_librarys(self):
        self.assertEqual(MODULES - sys.stdlib_module_names, frozenset())


if __name__ == '__main__':
    unittest.main()
