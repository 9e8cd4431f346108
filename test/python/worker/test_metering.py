import unittest

from support import Host, environ


class Metering(unittest.TestCase):
    def host(self, **start):
        host = Host('applications:measuring', **start)
        self.addCleanup(host.close)
        return host.loaded()

    def test_values_go_out_with_the_answer_and_before_it(self):
        for threads in (1, 2):
            host = self.host(threads=threads)
            ident = host.request()
            self.assertEqual([host.data.expect('METRIC').json for _ in range(2)], [
                {'kind': 'counter', 'name': 'a_total', 'value': 2.0, 'help': 'All.', 'labels': {'colour': 'red', 'size': '7'}},
                {'kind': 'histogram', 'name': 'b', 'value': 1.0, 'help': '', 'labels': {}},
            ])
            self.assertEqual(host.answer(ident).body, b'measured')

    def test_what_is_no_value_is_the_applications_error(self):
        host = self.host()
        for path in ('/negative', '/text', '/nan', '/long'):
            host.request(environ(PATH_INFO=path))
            self.assertTrue(host.error()['message'].startswith('ValueError'), path)


if __name__ == '__main__':
    unittest.main()
