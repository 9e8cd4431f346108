"""Time-outs: the stack of the request's thread, and an exception in the application and nowhere else."""

import json
import time
import unittest

from support import Host, environ, frames


class Interruption(unittest.TestCase):
    """With one thread the main thread is interrupted, wherever it is."""

    threads = 1

    def setUp(self):
        self.host = Host('applications:paths', threads=self.threads).loaded()
        self.addCleanup(self.host.close)

    def begin(self, path, function):
        """A request that is seen in that function: its id."""
        ident = self.host.request(environ(PATH_INFO=path))
        while True:
            self.host.control.send(frames.TIMEOUT, ident)
            received = self.host.control.poll(0.05)
            if received is not None and received.ident == ident and 'in %s' % function in received.text:
                return ident
            if self.host.data.waits():
                return ident

    def interrupted(self, ident):
        error = self.host.data.expect('ERROR')
        self.assertEqual(error.ident, ident)
        self.assertTrue(error.json['interrupted'], error.json)
        self.assertIn('RequestTimeout', error.json['message'])
        return error.json['traceback']

    def test_an_application_that_does_not_return_is_interrupted(self):
        for path, function in (('/sleep', 'sleeps'), ('/lock', 'locks'), ('/loop', 'loops'), ('/loop-catching', 'loops_catching')):
            with self.subTest(path):
                ident = self.begin(path, function)
                self.assertIn('in %s' % function, self.interrupted(ident))
                self.assertEqual(self.host.get('/tuple').body, b'onetwo')

    def test_it_is_repeated_until_the_request_ends(self):
        ident = self.begin('/stubborn', 'stubborn')
        # By the clock: how many interruptions a busy machine needs until two have arrived, nobody knows.
        end = time.monotonic() + 10
        while not self.host.data.waits() and time.monotonic() < end:
            self.host.control.send(frames.TIMEOUT, ident)
            self.host.control.poll(0.05)
        self.interrupted(ident)
        self.assertEqual(json.loads(self.host.get('/events').body), ['first'])

    def test_a_wait_for_credit_or_for_the_body_is_interrupted(self):
        ident = self.host.request(environ(PATH_INFO='/large-blocks', QUERY_STRING='100x10000'))
        got = 0
        self.host.data.expect('HEAD')
        while got < self.host.start['window']:
            got += len(self.host.data.expect('DATA').payload)
        self.host.control.send(frames.TIMEOUT, ident)
        self.interrupted(ident)
        ident = self.host.request(environ(PATH_INFO='/size'), 3)
        self.host.control.expect('STACK')
        self.host.control.expect('PULL')
        self.host.control.send(frames.TIMEOUT, ident)
        self.interrupted(ident)

    def test_close_is_interrupted_too(self):
        ident = self.host.request(environ(PATH_INFO='/slow-close'))
        self.host.data.expect('HEAD')
        self.host.data.expect('DATA')
        while not self.host.data.waits():
            self.host.control.send(frames.TIMEOUT, ident)
            self.host.control.poll(0.05)
        self.assertIn('RequestTimeout', self.host.data.expect('NOTE').json['message'])
        # ERROR where the first one came before close().
        self.assertIn(self.host.data.receive().name, ('END', 'ERROR'))
        self.assertEqual(self.host.get('/tuple').body, b'onetwo')

    def test_frames_stay_whole_and_other_requests_untouched_under_many_interruptions(self):
        """Each request is told to stop while it sends as fast as it can."""
        ended = 0
        for _ in range(40):
            ident = self.host.request(environ(PATH_INFO='/many-blocks'))
            follower = self.host.request(environ(PATH_INFO='/tuple'))
            self.host.data.expect('HEAD')
            for _ in range(3):
                self.host.control.send(frames.TIMEOUT, ident)
            names = {}
            while len(names) < 2:
                received = self.host.data.receive()
                self.assertIn(received.name, ('DATA', 'ERROR', 'ANSWER'))
                if received.name == 'DATA':
                    self.assertEqual(received.payload.strip(b'x'), b'')
                    self.host.control.send(frames.CREDIT, ident, len(received.payload).to_bytes(4, 'little'))
                else:
                    names[received.ident] = received.name
            self.assertEqual(names, {ident: 'ERROR', follower: 'ANSWER'})
            # Unread stacks would fill the socket, and the helper thread would wait.
            while self.host.control.waits():
                self.host.control.expect('STACK')
            ended += 1
        self.assertEqual(ended, 40)
        self.assertEqual(self.host.drain(), 0, self.host.log())

    def test_an_interruption_that_comes_late_hits_no_other_request(self):
        for _ in range(300):
            ident = self.host.request(environ(PATH_INFO='/tuple'))
            self.host.control.send(frames.TIMEOUT, ident)
            received = self.host.data.receive()
            self.assertIn(received.name, ('ANSWER', 'ERROR'))
            if received.name == 'ERROR':
                self.assertTrue(received.json['interrupted'])
            self.assertEqual(self.host.get('/tuple').body, b'onetwo')
            while self.host.control.waits():
                self.host.control.expect('STACK')
        self.assertEqual(self.host.drain(), 0, self.host.log())


class InterruptionOfThreads(Interruption):
    """With several, Python code ends; a system call or a lock ends when it returns."""

    threads = 3

    def test_an_application_that_does_not_return_is_interrupted(self):
        for path, function in (('/loop', 'loops'), ('/loop-catching', 'loops_catching')):
            with self.subTest(path):
                ident = self.begin(path, function)
                self.interrupted(ident)
                self.assertEqual(self.host.get('/tuple').body, b'onetwo')

    def test_the_other_threads_go_on(self):
        endless = self.begin('/loop', 'loops')
        self.interrupted(endless)
        waiting = self.host.request(environ(PATH_INFO='/gate'))
        endless = self.begin('/loop', 'loops')
        self.interrupted(endless)
        self.host.get('/open')
        self.assertEqual(self.host.answer(waiting).body, b'through the gate')


if __name__ == '__main__':
    unittest.main()
