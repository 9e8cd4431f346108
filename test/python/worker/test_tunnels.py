"""Requests with a tunnel: a socket in the environ, a thread of its own; and what an application publishes."""

import marshal
import os
import unittest

from support import PATIENCE, Host, environ, frames


class Tunnels(unittest.TestCase):
    def host(self, target='applications:tunnelled', **start):
        host = Host(target, **start)
        self.addCleanup(host.close)
        return host.loaded()

    def tunnel(self, host, ident, **more):
        """The server's end of a tunnel that was asked for."""
        host.control.send(frames.TUNNEL, ident, marshal.dumps((environ(**more), 'a token of its own'), 2))
        channel = host.accept('tunnel')
        self.assertEqual(host.hellos['tunnel']['token'], 'a token of its own')
        channel.socket.settimeout(PATIENCE)
        self.addCleanup(channel.socket.close)
        return channel

    def test_the_application_has_a_socket_and_what_it_returns_comes_as_ever(self):
        host = self.host()
        connection = self.tunnel(host, 1, PATH_INFO='/echo')
        connection.socket.sendall(b'one line\n')
        self.assertEqual(connection.raw(), b'one line\n')
        connection.socket.shutdown(1)
        self.assertEqual(host.answer(1).body, b'multithread False, input empty')
        self.assertEqual(connection.raw(), b'', 'nobody has it any more')

    def test_other_requests_go_on_meanwhile(self):
        for threads in (1, 2):
            host = self.host(threads=threads, multithread=True)
            connections = [self.tunnel(host, 10 + number, PATH_INFO='/echo') for number in range(3)]
            host.ident = 100
            self.assertEqual(host.get('/').body, b'multithread True, no socket')
            for connection in connections:
                connection.socket.sendall(b'still\n')
                self.assertEqual(connection.raw(), b'still\n')
            self.assertEqual(host.begun(), 1, 'requests with a tunnel do not count')

    def test_what_it_raises_is_an_error(self):
        host = self.host()
        connection = self.tunnel(host, 1, PATH_INFO='/raise')
        self.assertEqual(connection.raw(), b'written')
        received = host.data.expect('ERROR')
        self.assertEqual((received.ident, received.json['message']), (1, 'ValueError: raised'))

    def test_drain_waits_for_it(self):
        host = self.host()
        connection = self.tunnel(host, 1, PATH_INFO='/echo')
        host.control.send(frames.DRAIN)
        connection.socket.sendall(b'a line\n')
        self.assertEqual(connection.raw(), b'a line\n')
        connection.socket.shutdown(1)
        host.answer(1)
        self.assertEqual(host.status(), 0)

    def test_a_thread_that_is_stuck_can_be_interrupted(self):
        host = self.host()
        self.tunnel(host, 5, PATH_INFO='/loop')
        host.wait_for_log('looping')
        host.control.send(frames.TIMEOUT, 5)
        self.assertIn('in tunnelled', host.control.expect('STACK').text)
        self.assertTrue(host.data.expect('ERROR').json['interrupted'])

    def test_where_the_server_cannot_be_reached_the_request_is_told_to_have_failed(self):
        host = self.host()
        os.rename(host.path, host.path + '.away')
        host.control.send(frames.TUNNEL, 9, marshal.dumps((environ(PATH_INFO='/echo'), 'a token'), 2))
        received = host.data.expect('ERROR')
        self.assertEqual((received.ident, received.json['message'].split(':')[0]), (9, 'FileNotFoundError'))


class Publishing(unittest.TestCase):
    def host(self, **start):
        host = Host('applications:publishing', **start)
        self.addCleanup(host.close)
        return host.loaded()

    def test_text_and_bytes_go_out_before_the_answer(self):
        for threads in (1, 2):
            host = self.host(threads=threads)
            ident = host.request()
            received = [host.data.expect('PUBLISH').payload for _ in range(5)]
            self.assertEqual(received, [
                b'\0\x06\0\0\0room.1text', b'\0\x06\0\0\0room.1gr\xc3\xbc\xc3\x9f', b'\1\x06\0\0\0room.1\0\xff', b'\1\x06\0\0\0room.1ab',
                b'\0\x04\0\0\0restfrom a thread',
            ])
            self.assertEqual(host.answer(ident).body, b'published')

    def test_what_is_no_message_is_the_applications_error(self):
        host = self.host()
        for path, error in (('/topic', 'TypeError: a topic is a str, not int'), ('/message', 'TypeError: a message is str or bytes, not dict'),
                            ('/surrogate', 'UnicodeEncodeError')):
            host.request(environ(PATH_INFO=path))
            self.assertTrue(host.error()['message'].startswith(error), path)

    def test_a_process_that_the_application_forked_cannot(self):
        host = self.host()
        self.assertEqual(host.get('/fork').body, b'RuntimeError')

    def test_an_interruption_that_is_due_comes_behind_it(self):
        host = self.host()
        ident = host.request(environ(PATH_INFO='/forever'))
        host.data.expect('PUBLISH')
        host.control.send(frames.TIMEOUT, ident)
        host.control.expect('STACK')
        received = host.data.receive()
        while received.name == 'PUBLISH':
            self.assertEqual(received.payload, b'\0\1\0\0\0t' + b'm' * 1000)
            received = host.data.receive()
        self.assertEqual((received.name, received.json['interrupted']), ('ERROR', True))


if __name__ == '__main__':
    unittest.main()
