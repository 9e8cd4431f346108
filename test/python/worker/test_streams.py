"""Bodies in both directions: input in four ways, credit, cancellation."""

import json
import os
import struct
import unittest

from support import Host, environ, frames

LINES = b'one\ntwo\nthree\nfour\nfive\nsix'


class Streams(unittest.TestCase):
    threads = 1

    @classmethod
    def setUpClass(cls):
        cls.host = Host('applications:paths', threads=cls.threads).loaded()
        cls.path = os.path.join(cls.host.directory, 'body')

    @classmethod
    def tearDownClass(cls):
        status = cls.host.drain()
        cls.host.close()
        assert status == 0, status

    def setUp(self):
        self.host.get('/events')

    def events(self):
        return json.loads(self.host.get('/events').body)

    def send(self, path, body, kind, most=1 << 20):
        """A request with this body; the answer."""
        values = environ(PATH_INFO=path, REQUEST_METHOD='POST')
        if kind == 2:
            with open(self.path, 'wb') as file:
                file.write(body)
        ident = self.host.request(values, kind, {0: None, 1: body, 2: self.path, 3: None}[kind])
        while kind == 3:
            pull = self.host.control.expect('PULL')
            self.assertEqual(pull.ident, ident)
            self.assertTrue(1 <= pull.number <= 1 << 20)
            piece, body = body[:min(pull.number, most)], body[min(pull.number, most):]
            self.host.control.send(frames.BODY, ident, piece)
            if not piece:
                break
        return self.host.answer(ident)

    def test_every_kind_of_body_is_read_in_every_way(self):
        expected = [b'one\n', b'tw', b'o\n', [b'three\n'], b'four\n', b'five\nsix', b'', b'', [], [], b'']
        for kind, most in ((1, 0), (2, 0), (3, 1), (3, 5), (3, 1 << 20)):
            with self.subTest((kind, most)):
                self.assertEqual(self.send('/reads', LINES, kind, most).body, repr(expected).encode())

    def test_every_kind_of_body_is_read_to_its_end(self):
        body = bytes(range(256)) * 40
        for kind in (1, 2, 3):
            with self.subTest(kind):
                self.assertEqual(self.send('/echo', body, kind, 1000).body, body)
        self.assertEqual(self.send('/echo', b'', 0).body, b'')
        self.assertEqual(self.send('/echo', b'', 3).body, b'')

    def test_a_large_body_is_read_in_pieces(self):
        self.assertEqual(self.send('/size', b'x' * 5000000, 3).body, b'5000000')
        self.assertEqual(self.send('/size', b'x' * 5000000, 2).body, b'5000000')
        self.assertEqual(self.send('/size', b'x' * 5000000, 1).body, b'5000000')

    def test_a_body_that_is_not_read_is_not_asked_for(self):
        ident = self.host.request(environ(PATH_INFO='/tuple'), 3)
        self.assertEqual(self.host.answer(ident).body, b'onetwo')
        self.assertFalse(self.host.control.waits())

    def test_a_file_that_is_not_there_is_an_error(self):
        self.host.request(environ(PATH_INFO='/size'), 2, '/nowhere/body')
        self.assertIn('FileNotFoundError', self.host.error()['message'])

    def test_a_body_that_fails_is_an_os_error(self):
        ident = self.host.request(environ(PATH_INFO='/body-error'), 3)
        self.host.control.expect('PULL')
        self.host.control.send(frames.BODY, ident, b'some')
        self.host.control.expect('PULL')
        self.host.control.send(frames.BODY_FAILED, ident, 'too slow: caf\u00e9'.encode())
        self.assertEqual(self.host.answer(ident).body.decode(), 'RequestBodyError: too slow: caf\u00e9')

    def test_a_client_that_goes_while_its_body_is_read_is_no_error(self):
        ident = self.host.request(environ(PATH_INFO='/body-error-escapes'), 3)
        self.host.control.expect('PULL')
        self.host.control.send(frames.CANCEL, ident)
        self.assertEqual(self.host.data.expect('END').ident, ident)

    def test_an_answer_waits_for_credit(self):
        window = self.host.start['window']
        ident = self.host.request(environ(PATH_INFO='/large-blocks', QUERY_STRING='30x10000'))
        self.host.data.expect('HEAD')
        got = b''
        while len(got) < window:
            got += self.host.data.expect('DATA').payload
        self.assertEqual(len(got), window)
        self.assertFalse(self.host.data.waits())
        for size in (1, 10, 5000):
            wanted = len(got) + size
            self.host.control.send(frames.CREDIT, ident, struct.pack('<I', size))
            while len(got) < wanted:
                got += self.host.data.expect('DATA').payload
            self.assertEqual(len(got), wanted)
        self.assertFalse(self.host.data.waits())
        self.host.control.send(frames.CREDIT, ident, struct.pack('<I', 0xffffffff))
        while True:
            received = self.host.data.receive()
            if received.name == 'END':
                break
            got += received.payload
        self.assertEqual(got, b''.join(bytes([65 + i % 26]) * 10000 for i in range(30)))

    def test_a_list_over_the_window_is_sent_in_pieces_with_its_length(self):
        answer = self.host.get('/large-list', QUERY_STRING='1000000')
        self.assertEqual((len(answer.body), answer.field('Content-Length'), answer.frames[0]), (1000000, '1000000', 'HEAD'))
        answer = self.host.get('/large-list', QUERY_STRING=str(self.host.start['window']))
        self.assertEqual((answer.frames, answer.field('Content-Length')), (['ANSWER'], None))

    def test_a_block_of_any_size_is_sent(self):
        for query in ('3x1000000', '100x40000', '1x1', '2000x10'):
            count, size = map(int, query.split('x'))
            answer = self.host.get('/large-blocks', QUERY_STRING=query)
            self.assertEqual(answer.body, b''.join(bytes([65 + i % 26]) * size for i in range(count)), query)

    def test_a_cancelled_answer_ends_at_once_and_is_closed(self):
        ident = self.host.request(environ(PATH_INFO='/until-gone'))
        self.host.data.expect('HEAD')
        got = 0
        while got < self.host.start['window']:
            got += len(self.host.data.expect('DATA').payload)
        self.host.control.send(frames.CANCEL, ident)
        self.assertEqual(self.host.data.expect('END').ident, ident)
        events = self.events()
        self.assertEqual(events[-1], 'ended, gone: True')
        self.assertEqual(len(events), got // 20000 + 2)

    def test_an_application_can_ask_whether_the_client_is_gone(self):
        ident = self.host.request(environ(PATH_INFO='/waits-for-gone'))
        self.host.wait_for_log('begun')
        self.host.control.send(frames.CANCEL, ident)
        self.assertEqual(self.host.data.expect('END').ident, ident)
        self.assertEqual(self.events(), ['closed'])

    def test_an_application_is_told_that_the_client_has_ended_its_side_and_is_answered_for(self):
        for early in (False, True):
            if early:
                self.host.control.send(frames.CLIENT_ENDED, self.host.ident + 1)
                self.host.control.send(frames.RECALL)
                self.host.control.expect('RECALLED')
            ident = self.host.request(environ(PATH_INFO='/waits-for-gone'))
            if not early:
                self.host.wait_for_log('begun')
                self.host.control.send(frames.CLIENT_ENDED, ident)
            self.assertEqual(self.host.answer(ident).body, b'nobody')
            self.assertEqual(self.events(), ['closed'])

    def test_a_cancellation_ahead_of_its_request_counts(self):
        self.host.control.send(frames.CANCEL, self.host.ident + 1)
        # Known to have been read when its answer comes.
        self.host.control.send(frames.RECALL)
        self.host.control.expect('RECALLED')
        ident = self.host.request(environ(PATH_INFO='/until-gone'))
        self.assertEqual(self.host.data.expect('END').ident, ident)
        self.assertEqual(self.events(), [])

    def test_control_frames_of_requests_that_ended_are_dropped(self):
        for number in range(600):
            self.host.control.send(frames.CANCEL, 100000 + number)
        for kind, payload in ((frames.CREDIT, b'abcd'), (frames.BODY, b'x'), (frames.BODY_FAILED, b'x'), (frames.TIMEOUT, b''),
                              (frames.FILE_TAKEN, b''), (frames.FILE_REFUSED, b'')):
            self.host.control.send(kind, 200000, payload)
        self.host.control.send(frames.RECALL)
        self.assertEqual(self.host.control.expect('RECALLED').payload, b'')
        self.assertEqual(self.host.get('/tuple').body, b'onetwo')


class StreamsOfThreads(Streams):
    threads = 3


if __name__ == '__main__':
    unittest.main()
