"""The process: drain, signals, the end of the server, forks of the application and of a template."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

from support import PACKAGE, PATIENCE, Channel, Host, environ, frames


class Life(unittest.TestCase):
    def host(self, target='applications:paths', **start):
        host = Host(target, **start)
        self.addCleanup(host.close)
        return host

    def test_it_says_who_it_is_and_what_it_runs(self):
        host = self.host().loaded()
        for role in ('life', 'control', 'data'):
            self.assertEqual(host.hellos[role], {'wire': 1, 'worker': 7, 'token': 'secret', 'role': role, 'pid': host.process.pid})
        self.assertEqual(host.loaded_with['application'], 'applications:paths')
        self.assertEqual(host.loaded_with['python'].split('.')[:2], [str(part) for part in sys.version_info[:2]])

    def test_drain_ends_it_when_all_requests_are_answered(self):
        for threads in (1, 3):
            host = self.host(threads=threads).loaded()
            idents = [host.request(environ(PATH_INFO='/tuple')) for _ in range(20)]
            host.control.send(frames.DRAIN)
            self.assertEqual(sorted(host.data.expect('ANSWER').ident for _ in idents), idents)
            self.assertEqual(host.status(), 0)
            self.assertIsNone(host.data.receive())

    def test_drain_waits_for_an_answer_that_waits_for_credit(self):
        host = self.host().loaded()
        ident = host.request(environ(PATH_INFO='/large-blocks', QUERY_STRING='30x10000'))
        host.data.expect('HEAD')
        host.control.send(frames.DRAIN)
        got = 0
        while True:
            received = host.data.receive()
            if received.name == 'END':
                break
            got += len(received.payload)
            host.control.send(frames.CREDIT, ident, len(received.payload).to_bytes(4, 'little'))
        self.assertEqual((got, host.status()), (300000, 0))

    def test_the_end_of_the_control_connection_is_its_end_whatever_it_does(self):
        for path in ('/sleep', '/loop', '/lock', '/many-blocks'):
            with self.subTest(path):
                host = self.host().loaded()
                host.request(environ(PATH_INFO=path))
                host.control.socket.close()
                self.assertEqual(host.status(), 0)

    @unittest.skipUnless(sys.platform.startswith('linux'), 'Linux alone has that signal')
    def test_the_end_of_the_life_line_kills_it_though_nothing_of_python_runs(self):
        host = self.host().loaded()
        host.request(environ(PATH_INFO='/hold-the-interpreter'))
        host.wait_for_log('holds the interpreter')
        self.assertIsNone(host.process.poll())
        host.life.socket.close()
        self.assertEqual(host.status(), -signal.SIGKILL)

    def test_garbage_ends_it(self):
        for channel in ('control', 'data'):
            host = self.host().loaded()
            getattr(host, channel).socket.sendall(b'GET / HTTP/1.1\r\n\r\n')
            self.assertEqual(host.status(), 1)
            self.assertIn('ProtocolError', host.log())

    def test_a_start_that_is_none_ends_it(self):
        host = self.host(window=0)
        self.assertEqual(host.status(), 1)
        self.assertIn('ProtocolError', host.log())

    def test_signals_of_the_group_are_ignored_and_sigterm_asks_for_the_end(self):
        host = self.host().loaded()
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGURG):
            host.process.send_signal(number)
            self.assertEqual(host.get('/tuple').body, b'onetwo')
        host.process.send_signal(signal.SIGTERM)
        host.control.expect('LEAVING')
        self.assertEqual(host.get('/tuple').body, b'onetwo')
        self.assertEqual(host.drain(), 0)

    def test_a_process_that_the_application_forks_disturbs_nothing(self):
        for threads in (1, 3):
            host = self.host(threads=threads).loaded()
            for how, status in (('exit', b'7'), ('_exit', b'8'), ('raise', b'1'), ('return', b'1')):
                with self.subTest((threads, how)):
                    self.assertEqual(host.get('/fork', QUERY_STRING=how).body, status)
                    self.assertEqual(host.get('/tuple').body, b'onetwo')
            self.assertIn('ValueError: in the child', host.log())
            self.assertIn('a process that the application forked returned into the server and is ended', host.log())
            self.assertEqual(host.begun(), 8)
            self.assertEqual(host.drain(), 0)

    @unittest.skipUnless(os.path.isdir('/proc/self/fd'), 'no /proc here')
    def test_a_program_that_the_application_starts_inherits_nothing(self):
        body = self.host().loaded().get('/subprocess').body.decode()
        # Its three streams, and the directory that it lists.
        self.assertEqual(body, "[] ['0', '1', '2', '3']\n")

    def test_it_wants_a_server(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith('PULSAR')}
        done = subprocess.run([sys.executable, '-u', PACKAGE], env=kept, stderr=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'started by a Pulsar server', done.stderr)


class Templates(unittest.TestCase):
    def setUp(self):
        self.host = Host('applications:paths', template=True).loaded()
        self.addCleanup(self.host.close)

    def fork(self, number):
        """A worker out of the template, which is given its START: its connections by their roles."""
        host = self.host
        host.control.send(frames.FORK, 0, json.dumps({'worker': number, 'token': 'token-%d' % number}).encode())
        found = {}
        for _ in range(4):
            connection, _ = host._listener.accept()
            channel = Channel(connection)
            hello = channel.expect('HELLO').json
            self.assertEqual((hello['worker'], hello['token']), (number, 'token-%d' % number))
            found[hello['role']] = channel
            self.addCleanup(connection.close)
            if hello['role'] == 'control':
                channel.send(frames.START, 0, json.dumps(host.start).encode())
        found['control'].expect('LOADED')
        return found

    def ask(self, channels, path):
        self.host.data, kept = channels['data'], self.host.control
        self.host.control = channels['control']
        try:
            return self.host.get(path)
        finally:
            self.host.control = kept

    def test_workers_share_what_the_template_loaded(self):
        workers = [self.fork(number) for number in (8, 9)]
        facts = [json.loads(self.ask(worker, '/process').body) for worker in workers]
        self.assertEqual({one['loaded'] for one in facts}, {self.host.process.pid})
        self.assertEqual(len({one['pid'] for one in facts} | {self.host.process.pid}), 3)
        self.assertEqual(len({one['random'] for one in facts}), 2)

    def test_what_a_worker_writes_comes_on_its_own_connection(self):
        worker = self.fork(8)
        self.ask(worker, '/errors')
        text = b''
        while b'to logging\n' not in text:
            more = worker['log'].socket.recv(65536)
            self.assertTrue(more)
            text += more
        self.assertIn(b'to standard output', text)
        self.assertNotIn('to logging', self.host.log())

    def test_ends_of_workers_are_told(self):
        worker = self.fork(8)
        worker['control'].send(frames.DRAIN)
        self.assertEqual(self.host.control.expect('EXITED').json, {'worker': 8, 'status': 0, 'signal': None})
        worker = self.fork(9)
        worker['data'].send(frames.REQUEST, 1, __import__('marshal').dumps((environ(PATH_INFO='/kill'), 0, None), 2))
        self.assertEqual(self.host.control.expect('EXITED').json, {'worker': 9, 'status': None, 'signal': 'SIGKILL'})

    @unittest.skipUnless(sys.platform.startswith('linux'), 'Linux alone has that signal')
    def test_a_worker_has_a_life_line_of_its_own(self):
        worker = self.fork(8)
        self.assertEqual(self.host.life.socket.recv(1), b'', 'the template needs none any more')
        worker['life'].socket.close()
        self.assertEqual(self.host.control.expect('EXITED').json, {'worker': 8, 'status': None, 'signal': 'SIGKILL'})
        self.assertEqual(self.ask(self.fork(9), '/tuple').body, b'onetwo')

    def test_a_template_ends_when_its_workers_have(self):
        worker = self.fork(8)
        self.host.control.send(frames.DRAIN)
        self.assertEqual(self.ask(worker, '/tuple').body, b'onetwo')
        self.assertIsNone(self.host.process.poll())
        worker['control'].send(frames.DRAIN)
        self.host.control.expect('EXITED')
        self.assertEqual(self.host.status(), 0)

    def test_the_end_of_the_server_is_the_end_of_all(self):
        worker = self.fork(8)
        worker['control'].socket.close()
        self.assertEqual(self.host.control.expect('EXITED').json['status'], 0)
        self.host.control.socket.close()
        self.assertEqual(self.host.status(), 0)

    def test_sigterm_asks_for_the_end(self):
        self.host.process.send_signal(signal.SIGTERM)
        self.host.control.expect('LEAVING')
        self.assertEqual(self.host.drain(), 0)

    def test_an_application_that_cannot_be_loaded(self):
        with Host('nowhere:app', template=True) as host:
            self.assertIn('there is no module nowhere', host.control.expect('FAILED').json['message'])
            self.assertEqual(host.status(), 3)


if __name__ == '__main__':
    unittest.main()
