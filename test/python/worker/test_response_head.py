"""The head of an answer: what is taken, what is refused, and with what words."""

import unittest

import support  # noqa: F401  # makes the package known

from pulsar_worker.response_head import response_head


class ResponseHead(unittest.TestCase):
    def test_status_and_fields_are_lines(self):
        self.assertEqual(response_head('200 OK', [('A', 'b'), ('Set-Cookie', 'c'), ('Set-Cookie', 'd\t\xe9'), ('Empty', '')]),
                         (b'200 OK\nA:b\nSet-Cookie:c\nSet-Cookie:d\t\xe9\nEmpty:', -1, False, ()))
        self.assertEqual(response_head('299 ', []), (b'299 ', -1, False, ()))

    def test_content_length_is_read_and_kept(self):
        self.assertEqual(response_head('200 OK', [('content-LENGTH', '05')])[:2], (b'200 OK\ncontent-LENGTH:05', 5))
        self.assertEqual(response_head('200 OK', [('Content-Length', '5'), ('Content-Length', '5')])[1], 5)

    def test_statuses_without_a_body(self):
        for status, bodiless in (('204 No Content', True), ('205 X', True), ('304 X', True), ('200 OK', False), ('404 X', False)):
            for _ in range(2):
                self.assertEqual(response_head(status, [])[2], bodiless)

    def test_hop_by_hop_headers_are_left_out(self):
        names = ('Connection', 'keep-alive', 'Proxy-Authenticate', 'PROXY-AUTHORIZATION', 'TE', 'Trailers', 'Transfer-Encoding', 'Upgrade')
        self.assertEqual(response_head('200 OK', [(name, 'x') for name in names] + [('A', 'b')]), (b'200 OK\nA:b', -1, False, names))
        self.assertEqual(response_head('426 Upgrade Required', [('Upgrade', 'h2c')])[0], b'426 Upgrade Required\nUpgrade:h2c')
        self.assertEqual(response_head('200 OK', [('Upgrade', 'h2c')])[3], ('Upgrade',))

    def test_what_is_no_status_is_refused(self):
        for status in ('', '200', '200OK', '99 X', '100 Continue', '600 X', '200 a\nb', '200 a\0', '200 \u20ac', '\u0662\u0660\u0660 OK', '200 \x7f'):
            with self.subTest(status), self.assertRaisesRegex(ValueError, 'three digits from 200 to 599'):
                response_head(status, [])
        for status in (b'200 OK', 200, None, ['200 OK']):
            with self.subTest(status), self.assertRaisesRegex(TypeError, 'not str'):
                response_head(status, [])

    def test_what_is_no_name_is_refused(self):
        for name in ('', 'A B', 'A:', 'A\n', 'A\r\nB', '\xe9', 'A\0', '(', 'Content-Length '):
            # Twice: what is refused is not remembered as good.
            for _ in range(2):
                with self.subTest(name), self.assertRaisesRegex(ValueError, 'is not a token'):
                    response_head('200 OK', [('Good', 'x'), (name, 'x')])
        for name in (b'A', None, 5):
            with self.subTest(name), self.assertRaisesRegex(TypeError, 'the name of response header 0 is .*, not str'):
                response_head('200 OK', [(name, 'x')])

    def test_what_is_no_value_is_refused(self):
        for value in ('a\n', '\na', 'a\r', 'a\0', '\x1f', '\x7f', '\u20ac', 'a\nB:c'):
            for name in ('A', 'New-%d' % ord(value[-1])):
                with self.subTest((name, value)), self.assertRaisesRegex(ValueError, 'has a control character, or one beyond latin-1'):
                    response_head('200 OK', [(name, value)])
        for value in (b'a', 5, None):
            with self.subTest(value), self.assertRaisesRegex(TypeError, 'the value of header A is .*, not str'):
                response_head('200 OK', [('A', value)])

    def test_a_line_feed_that_makes_up_for_a_missing_one_is_found(self):
        with self.assertRaises(ValueError):
            response_head('200 OK', [('Connection', 'x'), ('A', 'b\nConnection:x')])

    def test_what_is_no_content_length_is_refused(self):
        for value in ('', '-1', '+1', '1.0', ' 1', '1 ', '0x1', '\u0661', '1' * 16, '1, 1'):
            with self.subTest(value), self.assertRaises(ValueError):
                response_head('200 OK', [('Content-Length', value)])
        with self.assertRaisesRegex(ValueError, 'two headers Content-Length: 1 and 2'):
            response_head('200 OK', [('Content-Length', '1'), ('Content-Length', '2')])

    def test_headers_are_a_list_of_pairs(self):
        for headers in ((('A', 'b'),), {'A': 'b'}, None, 'A', iter([('A', 'b')])):
            with self.subTest(headers), self.assertRaisesRegex(TypeError, 'not a list'):
                response_head('200 OK', headers)
        for header in (('A',), ('A', 'b', 'c'), 5, None):
            with self.subTest(header), self.assertRaisesRegex(TypeError, 'response header 0 is not a tuple'):
                response_head('200 OK', [header])

    def test_more_names_than_are_remembered_are_taken(self):
        for number in range(3000):
            self.assertEqual(response_head('200 OK', [('X-%d' % number, 'y')])[0], b'200 OK\nX-%d:y' % number)


if __name__ == '__main__':
    unittest.main()
