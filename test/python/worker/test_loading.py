"""From a target to an application, and what is said when there is none."""

import os
import shutil
import tempfile
import unittest

from support import HERE, Host


class Loading(unittest.TestCase):
    def setUp(self):
        self.directory = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def write(self, path, text):
        path = os.path.join(self.directory, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(text)
        return path

    def body(self, target, **start):
        with Host(target, **start) as host:
            host.loaded()
            return host.get('/').body

    def failure(self, target, **start):
        """What FAILED says; the worker ends with status 3."""
        with Host(target, **start) as host:
            failed = host.control.expect('FAILED').json
            self.assertEqual(host.status(), 3)
            return failed

    def test_targets(self):
        for target, body in (
            ('applications:hello', b'Hello World!\n'), ('applications:holder.inner', b'Hello World!\n'), ('applications', b'the default'),
            ('applications.py:hello', b'Hello World!\n'), (os.path.join(HERE, 'applications.py'), b'the default'),
            ('applications:create_app()', b'nobody'), ('applications:create_app("ann", loud=True)', b'ANN'),
            ('applications:holder.make()', b'made'), ('applications:validated_hello', b'Hello World!\n'),
        ):
            with self.subTest(target):
                self.assertEqual(self.body(target), body)

    def test_a_file_of_a_package_is_loaded_as_part_of_it(self):
        text = 'def app(e, s):\n  s("200 OK", [])\n  return [__name__.encode()]\n'
        self.write('pack/__init__.py', '')
        path = self.write('pack/inner.py', 'from . import other\n' + text)
        self.write('pack/other.py', '')
        self.assertEqual(self.body(path), b'pack.inner')
        # Its name is that of a module that the worker has loaded already.
        self.assertEqual(self.body(self.write('json.py', 'import json\nassert json.dumps\n' + text)), b'pulsar_application_json')

    def test_the_path_begins_with_cwd_and_pythonpath(self):
        self.write('lib/extra.py', 'x = b"from lib"')
        self.write('named.py', 'import extra, os, sys\ndef app(e, s):\n  s("200 OK", [])\n  return [repr((extra.x, sys.path[:2], os.getcwd(), '
                   'os.environ.get("SET"), os.environ.get("GONE"), [p for p in sys.path if "pulsar_worker" in p])).encode()]')
        body = self.body('named:app', cwd=self.directory, pythonPath=['lib'], outer={'GONE': 'x'}, env={'SET': 'yes', 'GONE': None})
        lib = os.path.join(self.directory, 'lib')
        self.assertEqual(body.decode(), repr((b'from lib', [self.directory, lib], self.directory, 'yes', None, [])))

    def test_what_is_not_there_is_said(self):
        for target, message in (
            ('nowhere:app', 'there is no module nowhere; looked in: '),
            ('applications.inner:app', 'there is no module applications.inner'),
            ('nowhere.py:app', 'there is no file %s' % os.path.join(HERE, 'nowhere.py')),
            ('applications:nothing_like_it', 'applications has no nothing_like_it; it has: '),
            ('applications:holder.nothing', 'applications:holder.nothing has no nothing'),
            ('applications:not_callable', 'applications:not_callable is int (5), which cannot be called'),
            ('applications:not_callable()', 'calls int (5), which cannot be called'),
            ('applications:create_app(os.environ)', 'only literals may be given'),
            ('applications:1 + 1', 'is neither a name nor a call'),
            ('applications:a b', 'is neither a name nor a call'),
            (':app', 'is neither package.module:callable nor path/to/app.py:callable'),
            ('support', 'support has neither "application" nor "app" that can be called'),
        ):
            with self.subTest(target):
                failed = self.failure(target)
                self.assertIn(message, failed['message'])
                self.assertEqual(failed['traceback'], '')

    def test_what_a_module_raises_comes_with_its_traceback(self):
        for text, message in (('import nothing_like_it', "ModuleNotFoundError: No module named 'nothing_like_it'"),
                              ('1 / 0', 'ZeroDivisionError: division by zero'), ('def (', 'SyntaxError'), ('raise SystemExit(4)', 'SystemExit: 4')):
            self.write('broken.py', '\n' + text)
            with self.subTest(text):
                failed = self.failure('broken:app', cwd=self.directory)
                self.assertIn(message, failed['message'])
                self.assertIn('broken.py", line 2', failed['traceback'])
                self.assertNotIn('pulsar_worker', failed['traceback'])

    def test_what_a_factory_raises_comes_with_its_traceback(self):
        self.assertIn('create_app() got an unexpected keyword', self.failure('applications:create_app(what=1)')['message'])

    def test_sources_are_told_to_who_watches(self):
        with Host('applications:hello', watch=True) as host:
            self.assertEqual(host.loaded().loaded_with['sources'], [os.path.join(HERE, 'applications.py')])
        with Host('applications:hello') as host:
            self.assertEqual(host.loaded().loaded_with['sources'], [])


if __name__ == '__main__':
    unittest.main()
