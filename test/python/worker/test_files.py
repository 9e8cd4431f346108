"""wsgi.file_wrapper: what is sent by its path, and what block by block."""

import os
import struct
import unittest

from support import HERE, Host, environ, frames

PATH = os.path.join(HERE, 'data', 'file.txt')


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Host('applications:paths').loaded()

    @classmethod
    def tearDownClass(cls):
        status = cls.host.drain()
        cls.host.close()
        assert status == 0, status

    def place(self, path, **more):
        """The id of the request, and what FILE says."""
        ident = self.host.request(environ(PATH_INFO=path, **more))
        received = self.host.data.expect('FILE')
        self.assertEqual(received.ident, ident)
        size = struct.unpack_from('<I', received.payload)[0]
        return ident, received._replace(payload=received.payload[4 + size:]).json

    def test_a_file_is_sent_by_its_path_and_closed_when_it_is_taken(self):
        ident, place = self.place('/file')
        self.assertEqual(place, {'path': PATH, 'offset': 0, 'length': None})
        self.host.control.send(frames.FILE_TAKEN, ident)
        self.host.data.expect('END')
        self.assertEqual(self.host.get('/file-closed').body, b'True')

    def test_a_file_stays_open_until_it_is_taken(self):
        ident, _ = self.place('/file')
        self.assertFalse(self.host.data.waits())
        descriptors = '/proc/%d/fd' % self.host.process.pid
        if os.path.isdir(descriptors):
            open_files = [os.readlink(os.path.join(descriptors, name)) for name in os.listdir(descriptors)]
            self.assertIn(PATH, open_files)
        self.host.control.send(frames.FILE_TAKEN, ident)
        self.assertEqual(self.host.data.expect('END').ident, ident)

    def test_a_part_of_a_file_is_said_by_its_offset_and_content_length(self):
        ident, place = self.place('/file-part')
        self.assertEqual(place, {'path': PATH, 'offset': 3, 'length': 5})
        self.host.control.send(frames.FILE_TAKEN, ident)
        self.host.data.expect('END')

    def test_a_refused_file_is_sent_as_blocks(self):
        ident, _ = self.place('/file')
        self.host.control.send(frames.FILE_REFUSED, ident)
        got = [self.host.data.receive() for _ in range(5)]
        self.assertEqual([one.name for one in got], ['DATA'] * 4 + ['END'])
        self.assertEqual(b''.join(one.payload for one in got), b'0123456789abcdef')

    def test_a_client_that_goes_ends_the_wait_for_the_file(self):
        ident, _ = self.place('/file')
        self.host.control.send(frames.CANCEL, ident)
        self.assertEqual(self.host.data.expect('END').ident, ident)
        self.assertEqual(self.host.get('/file-closed').body, b'True')

    def test_a_temporary_file_with_a_name_is_sent_by_it(self):
        ident, place = self.place('/file-temporary')
        self.assertEqual((place['offset'], os.path.basename(place['path'])[:3]), (2, 'tmp'))
        self.host.control.send(frames.FILE_TAKEN, ident)
        self.host.data.expect('END')

    def test_what_middleware_has_iterated_is_no_file(self):
        self.assertEqual(self.host.get('/file-iterated')[2:4], (b'0123456789abcdef', ['ANSWER']))
        self.assertEqual(self.host.get('/file-validated').body, b'0123456789abcdef')

    def test_what_is_not_the_file_at_its_path_is_sent_as_blocks(self):
        for path, body in (('/file-in-memory', b'0123456789'), ('/file-deleted', b'0123456789'), ('/file-replaced', b'the first'),
                           ('/file-compressed', b'0123456789'), ('/file-pipe', b'0123456789')):
            with self.subTest(path):
                answer = self.host.get(path)
                self.assertEqual((answer.body, answer.frames[0]), (body, 'HEAD'))


if __name__ == '__main__':
    unittest.main()
