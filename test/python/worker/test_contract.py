"""PEP 3333, through a real worker: what applications do, and the frames that come of it."""

import json
import unittest

from support import Host, environ, frames


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Host('applications:paths').loaded()

    @classmethod
    def tearDownClass(cls):
        status = cls.host.drain()
        cls.host.close()
        assert status == 0, status

    def setUp(self):
        self.events()

    def events(self):
        return json.loads(self.host.get('/events').body)

    def error(self, path, **more):
        self.host.request(environ(PATH_INFO=path, RAW_URI=path, **more))
        return self.host.error()

    def test_environ_has_every_key_and_no_other(self):
        shown = json.loads(self.host.get('/environ', HTTP_X_OWN='caf\u00c3\u00a9').body)
        for key, value in environ(PATH_INFO='/environ', RAW_URI='/environ', HTTP_X_OWN='caf\u00c3\u00a9').items():
            self.assertEqual(shown.pop(key), value)
        self.assertEqual(shown, {
            'SERVER_SOFTWARE': 'pulsar', 'version': '(1, 0)', 'callable': False, 'errors': True, 'wsgi.multithread': False,
            'wsgi.multiprocess': False, 'wsgi.run_once': False, 'wsgi.input_terminated': True,
        })

    def test_what_a_request_says_goes_before_what_start_said(self):
        shown = json.loads(self.host.get('/environ', SERVER_SOFTWARE='other').body)
        self.assertEqual(shown['SERVER_SOFTWARE'], 'other')

    def test_an_environ_is_the_applications_own(self):
        first = json.loads(self.host.get('/environ', HTTP_ONLY='here').body)
        second = json.loads(self.host.get('/environ').body)
        self.assertIn('HTTP_ONLY', first)
        self.assertNotIn('HTTP_ONLY', second)

    def test_a_list_is_one_frame(self):
        answer = self.host.get('/tuple')
        self.assertEqual((answer.frames, answer.body, answer.fields), (['ANSWER'], b'onetwo', [('Content-Type', 'text/plain')]))
        self.assertEqual(self.host.get('/empty-list')[2:4], (b'', ['ANSWER']))

    def test_empty_blocks_send_nothing_and_close_is_called(self):
        answer = self.host.get('/blocks')
        self.assertEqual((answer.frames, answer.body), (['HEAD', 'DATA', 'DATA', 'END'], b'onetwo'))
        self.assertEqual(self.events(), ['closed'])

    def test_a_generator_is_sent_block_by_block(self):
        answer = self.host.get('/generator')
        self.assertEqual((answer.frames, answer.body), (['HEAD', 'DATA', 'DATA', 'END'], b'a block\nand another\n'))

    def test_start_response_may_be_called_by_the_body(self):
        self.assertEqual(self.host.get('/late-start').body, b'late')

    def test_a_body_without_blocks_is_a_whole_answer(self):
        self.assertEqual(self.host.get('/nothing')[2:4], (b'', ['ANSWER']))

    def test_write_sends_before_the_body(self):
        answer = self.host.get('/write')
        self.assertEqual((answer.frames, answer.body), (['HEAD', 'DATA', 'DATA', 'DATA', 'END'], b'first, second, last'))

    def test_write_takes_bytes_only(self):
        self.assertEqual(self.error('/write-text')['message'], 'TypeError: write() takes bytes, not str (PEP 3333, "The write() Callable")')

    def test_a_first_block_as_long_as_content_length_is_a_whole_answer(self):
        self.assertEqual(self.host.get('/exact')[2:4], (b'four', ['ANSWER']))
        self.assertEqual(self.events(), ['closed'])

    def test_a_whole_answer_does_not_wait_for_what_comes_behind_it(self):
        self.events()
        answer = self.host.get('/exact-and-slow')
        self.assertEqual(answer.body, b'four')
        self.host.wait_for_log('behind the last byte')
        ident = self.host.request(environ(PATH_INFO='/wake'))
        self.assertFalse(self.host.data.waits())
        self.host.control.send(frames.TIMEOUT, ident - 1)
        self.assertIn('exact_and_slow', self.host.control.expect('STACK').text)
        self.assertIn('RequestTimeout', self.host.control.expect('WARNING').text)
        self.assertEqual(self.host.answer(ident).frames, ['ANSWER'])
        self.assertEqual(self.events(), ['woken'])

    def test_an_error_behind_a_whole_answer_is_a_warning(self):
        self.assertEqual(self.host.get('/exact-and-raises')[2:4], (b'four', ['ANSWER']))
        warning = self.host.control.expect('WARNING').text
        self.assertIn('GET /exact-and-raises: ', warning)
        self.assertIn('ValueError: behind the end', warning)

    def test_more_than_content_length_is_cut_and_noted(self):
        answer = self.host.get('/longer')
        self.assertEqual((answer.body, answer.notes), (b'thre', ['the body is longer than its Content-Length: 14 bytes or more, 4 declared']))
        self.assertEqual(self.events(), ['closed'])
        answer = self.host.get('/longer-list')
        self.assertEqual((answer.body, answer.notes), (b'four', ['the body is longer than its Content-Length: 13 bytes or more, 4 declared']))
        answer = self.host.get('/longer-behind')
        self.assertEqual((answer.body, answer.notes, answer.frames), (b'four', [], ['ANSWER']))
        self.assertIn('GET /longer-behind: the body is longer', self.host.control.expect('WARNING').text)

    def test_less_than_content_length_is_noted(self):
        for path in ('/shorter', '/shorter-list'):
            answer = self.host.get(path)
            self.assertEqual((answer.body, answer.notes), (b'four', ['the body is shorter than its Content-Length: 4 bytes, 10 declared']))

    def test_what_is_no_iterable_of_bytes_is_an_error(self):
        for path, what in (('/none', 'None'), ('/text', 'str'), ('/bytes', 'bytes'), ('/number', 'int')):
            self.assertEqual(
                self.error(path)['message'],
                'TypeError: the application returned %s, not an iterable of bytes (PEP 3333, "The Application/Framework Side")' % what,
            )

    def test_a_block_that_is_no_bytes_is_an_error(self):
        message = 'TypeError: a block of the body is str, not bytes (PEP 3333, "Buffering and Streaming")'
        self.assertEqual(self.error('/text-list')['message'], message)
        self.host.request(environ(PATH_INFO='/text-block'))
        self.host.data.expect('HEAD')
        self.host.data.expect('DATA')
        self.assertEqual(self.host.error()['message'], message)

    def test_start_response_must_be_called(self):
        for path in ('/not-started', '/not-started-block', '/not-started-empty'):
            self.assertIn('start_response()', self.error(path)['message'])

    def test_what_is_raised_is_an_error_with_its_traceback(self):
        error = self.error('/raises')
        self.assertEqual(error['message'], 'ValueError: caf\u00e9 \u20ac \udcff')
        self.assertIn('in raises', error['traceback'])
        self.assertNotIn('pulsar_worker', error['traceback'])
        self.assertEqual(error['interrupted'], False)

    def test_what_is_raised_behind_the_head_ends_the_answer(self):
        self.events()
        self.host.request(environ(PATH_INFO='/raises-later'))
        self.assertEqual([self.host.data.expect(name).name for name in ('HEAD', 'DATA', 'DATA')], ['HEAD', 'DATA', 'DATA'])
        self.assertEqual(self.host.error()['message'], 'ZeroDivisionError: division by zero')
        self.assertEqual(self.events()[-1], 'closed')

    def test_what_close_raises_is_noted_and_does_not_touch_the_answer(self):
        answer = self.host.get('/close-raises')
        self.assertEqual((answer.body, answer.frames), (b'body', ['HEAD', 'DATA', 'NOTE', 'END']))
        self.assertIn('ValueError: in close', answer.notes[0])

    def test_system_exit_is_an_error_of_one_request(self):
        self.assertEqual(self.error('/exit')['message'], 'SystemExit: 5')
        self.assertEqual(self.host.get('/tuple').body, b'onetwo')

    def test_start_response_is_called_once(self):
        self.assertIn('a second call needs exc_info', self.error('/start-twice')['message'])

    def test_exc_info_replaces_the_headers_before_they_are_sent(self):
        answer = self.host.get('/exc-info')
        self.assertEqual((answer.status, answer.fields), ('503 Service Unavailable', [('Content-Type', 'text/plain')]))

    def test_exc_info_is_raised_again_when_headers_were_sent(self):
        self.host.request(environ(PATH_INFO='/exc-info-late'))
        self.host.data.expect('HEAD')
        self.assertEqual(self.host.data.expect('DATA').payload, b'sent')
        self.assertEqual(self.host.error()['message'], 'ValueError: the very error')

    def test_a_header_cannot_become_two(self):
        answer = self.host.get('/split')
        self.assertEqual(answer.status, '400 Bad Request')
        self.assertIn(b'has a control character', answer.body)

    def test_hop_by_hop_headers_are_dropped_with_one_warning_each(self):
        for _ in range(2):
            self.assertEqual(self.host.get('/hop').fields, [('Content-Type', 'text/plain'), ('X-Kept', '1')])
        warnings = [self.host.control.expect('WARNING').text for _ in range(2)]
        self.assertEqual(['Connection' in warnings[0], 'Keep-Alive' in warnings[1]], [True, True])
        self.assertFalse(self.host.control.waits())

    def test_head_gets_the_head_alone(self):
        answer = self.host.get('/tuple', REQUEST_METHOD='HEAD')
        self.assertEqual((answer.frames, answer.body, answer.field('Content-Length')), (['ANSWER'], b'', '6'))
        self.events()
        answer = self.host.get('/blocks', REQUEST_METHOD='HEAD')
        self.assertEqual((answer.frames, answer.field('Content-Length')), (['HEAD', 'END'], None))
        self.assertEqual(self.events(), ['closed'])
        self.assertEqual(self.host.get('/nothing', REQUEST_METHOD='HEAD').frames, ['HEAD', 'END'])
        self.assertEqual(self.host.get('/shorter', REQUEST_METHOD='HEAD').notes, [])
        self.assertEqual(self.host.get('/write', REQUEST_METHOD='HEAD').frames, ['HEAD', 'END'])

    def test_a_status_without_a_body_gets_none(self):
        for status in ('204+No+Content', '205+Reset+Content', '304+Not+Modified'):
            self.events()
            self.assertEqual(self.host.get('/status', QUERY_STRING=status).frames, ['HEAD', 'END'])
            self.assertEqual(self.events(), ['closed'])
            answer = self.host.get('/status-list', QUERY_STRING=status)
            self.assertEqual((answer.frames, answer.body, answer.fields), (['ANSWER'], b'', [('X', 'y')]))

    def test_an_interim_status_is_refused(self):
        self.assertIn('is not three digits from 200 to 599', self.error('/status', QUERY_STRING='100+Continue')['message'])

    def test_print_logging_and_wsgi_errors_reach_the_standard_streams(self):
        self.host.get('/errors')
        log = self.host.wait_for_log('to logging')
        self.assertIn('to wsgi.errors\n', log)
        self.assertIn('to standard output \\udcff\n', log)

    def test_begun_requests_are_counted(self):
        before = self.host.begun()
        self.host.get('/tuple')
        self.host.get('/tuple')
        self.assertEqual(self.host.begun(), before + 2)

    def test_no_work_is_lost_when_many_requests_come_at_once(self):
        idents = [self.host.request(environ(PATH_INFO='/tuple' if i % 3 else '/generator')) for i in range(300)]
        for ident in idents:
            self.assertIn(self.host.answer(ident).body, (b'onetwo', b'a block\nand another\n'))


if __name__ == '__main__':
    unittest.main()
