"""What is gathered, and when it is sent."""

import socket
import time
import unittest

import support  # noqa: F401  # it is what finds the package
from pulsar_worker.outbox import Outbox


class Gathering(unittest.TestCase):
    def setUp(self):
        self.there, here = socket.socketpair()
        self.addCleanup(self.there.close)
        self.addCleanup(here.close)
        self.there.setblocking(False)
        self.outbox = Outbox(here)

    def sent(self):
        try:
            return self.there.recv(1 << 18)
        except BlockingIOError:
            return b''

    def test_a_whole_answer_leaves_at_once_where_no_request_waits(self):
        waiting = []
        self.outbox.gather_for(waiting)
        self.outbox.add(b'one')
        self.outbox.offer()
        self.assertEqual(self.sent(), b'one')

    def test_a_whole_answer_waits_for_those_of_the_requests_that_wait(self):
        waiting = ['another']
        self.outbox.gather_for(waiting)
        self.outbox.add(b'one')
        self.outbox.offer()
        self.assertEqual(self.sent(), b'')
        waiting.clear()
        self.outbox.add(b'two')
        self.outbox.offer()
        self.assertEqual(self.sent(), b'onetwo')

    def test_what_has_been_gathered_for_long_is_sent_though_many_wait(self):
        self.outbox.gather_for(['another'] * 16)
        self.outbox.add(b'one')
        time.sleep(0.005)
        self.outbox.flush_if_due()
        self.assertEqual(self.sent(), b'one')

    def test_answers_to_half_of_the_requests_are_sent_before_the_others_are_done(self):
        self.outbox.gather_for(['another'] * 2)
        self.outbox.add(b'one')
        self.outbox.add(b'two')
        time.sleep(0.001)
        self.outbox.flush_if_due()
        self.assertEqual(self.sent(), b'onetwo')

    def test_large_answers_are_not_gathered(self):
        self.outbox.gather_for(['another'] * 16)
        self.outbox.add(b'x' * 65537)
        self.outbox.flush_if_due()
        self.assertEqual(len(self.sent()), 65537)

    def test_threads_that_take_turns_gather_nothing(self):
        self.outbox.add(b'one')
        self.outbox.offer()
        self.assertEqual(self.sent(), b'one')


if __name__ == '__main__':
    unittest.main()
