"""Look-ahead, recall, threads: which requests are begun, and which are given back."""

import os
import struct
import time
import unittest

from support import PATIENCE, Host, environ, frames


class Queue(unittest.TestCase):
    def host(self, **start):
        host = Host('applications:paths', **start).loaded()
        self.addCleanup(host.close)
        return host

    def recall(self, host):
        host.control.send(frames.RECALL)
        payload = host.control.expect('RECALLED').payload
        return list(struct.unpack('<%dI' % (len(payload) // 4), payload))

    def begin_waiting(self, host, gate):
        """A request that runs until the file is there."""
        ident = host.request(environ(PATH_INFO='/gate-file', QUERY_STRING=gate))
        deadline = time.monotonic() + PATIENCE
        while host.begun() < ident:
            self.assertLess(time.monotonic(), deadline)
        return ident

    def test_requests_behind_a_slow_one_are_given_back_in_order(self):
        host = self.host()
        gate = os.path.join(host.directory, 'gate')
        slow = self.begin_waiting(host, gate)
        behind = [host.request(environ(PATH_INFO='/tuple')) for _ in range(16)]
        self.assertEqual(self.recall(host), behind)
        self.assertEqual(self.recall(host), [])
        again = host.request(environ(PATH_INFO='/tuple'))
        open(gate, 'w').close()
        self.assertEqual([host.answer(slow).body, host.answer(again).body], [b'there', b'onetwo'])
        self.assertEqual(host.begun(), 2)
        self.assertEqual(host.drain(), 0)

    def test_a_recall_sends_the_answers_that_wait_behind_a_slow_request(self):
        host = self.host()
        gate = os.path.join(host.directory, 'gate')
        first = environ(PATH_INFO='/tuple'), 0, None
        slow = environ(PATH_INFO='/gate-file', QUERY_STRING=gate), 0, None
        import marshal
        host.data.socket.sendall(b''.join(frames.frame(frames.REQUEST, i + 1, marshal.dumps(one, 2)) for i, one in enumerate([first, slow, first])))
        deadline = time.monotonic() + PATIENCE
        while host.begun() < 2:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.recall(host), [3])
        self.assertEqual(host.answer(1).body, b'onetwo')
        open(gate, 'w').close()
        self.assertEqual(host.answer(2).body, b'there')

    def test_an_idle_worker_has_nothing_to_give_back(self):
        host = self.host()
        self.assertEqual(self.recall(host), [])
        self.assertEqual(host.get('/tuple').body, b'onetwo')

    def test_threads_run_requests_at_once_and_no_more_than_there_are(self):
        host = self.host(threads=3)
        waiting = [host.request(environ(PATH_INFO='/barrier')) for _ in range(3)]
        self.assertEqual(sorted(host.data.receive().ident for _ in waiting), waiting)
        self.assertEqual(host.get('/thread').body, b'False True')
        gate = os.path.join(host.directory, 'gate')
        for _ in range(3):
            self.begin_waiting(host, gate)
        behind = [host.request(environ(PATH_INFO='/tuple')) for _ in range(5)]
        self.assertEqual(self.recall(host), behind)
        open(gate, 'w').close()
        self.assertEqual([host.answer().body for _ in range(3)], [b'there'] * 3)
        self.assertEqual(host.drain(), 0)

    def test_one_thread_is_the_main_one(self):
        self.assertEqual(self.host().get('/thread').body, b'True False')

    def test_threads_lose_none_of_many_requests(self):
        host = self.host(threads=4)
        wanted = [host.request(environ(PATH_INFO='/tuple' if i % 2 else '/exact')) for i in range(400)]
        self.assertEqual(sorted(host.data.expect('ANSWER').ident for _ in wanted), wanted)
        self.assertEqual(host.begun(), 400)


if __name__ == '__main__':
    unittest.main()
