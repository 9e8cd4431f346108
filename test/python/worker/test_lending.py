"""Long answers, for which the server lends the client's socket."""

import array
import json
import socket
import threading
import unittest

from support import Host, environ, frames

COUNT = 160
SIZE = COUNT << 16
BODY = b''.join(b'%08d' % number * 8192 for number in range(COUNT))


class Client:
    """Whose server's side is lent."""

    def __init__(self):
        self.own, self.servers = socket.socketpair()
        # As a server that does not wait has it.
        self.servers.setblocking(False)
        self.received = b''
        self._thread = threading.Thread(target=self._read)

    def read(self):
        self._thread.start()

    def _read(self):
        while True:
            data = self.own.recv(1 << 18)
            if not data:
                return
            self.received += data

    def close(self):
        self.servers.close()
        if self._thread.ident is not None:
            self._thread.join()
        self.own.close()


class Lending(unittest.TestCase):
    threads = 1

    def setUp(self):
        self.channel, theirs = socket.socketpair()
        self.addCleanup(self.channel.close)
        with theirs:
            self.host = Host('applications:paths', channel=theirs, threads=self.threads, window=1 << 24).loaded()
        self.addCleanup(self.host.close)

    def client(self):
        client = Client()
        self.addCleanup(client.own.close)
        self.addCleanup(client.servers.close)
        return client

    def ask(self, count=COUNT):
        """The id of a request that has said BORROW."""
        ident = self.host.request(environ(PATH_INFO='/long', QUERY_STRING=str(count)))
        self.assertIn(b'Content-Length:%d' % (count << 16), self.host.data.expect('BORROW').payload)
        return ident

    def lend(self, ident, client):
        """As Node says it."""
        text = json.dumps({'cmd': 'NODE_HANDLE', 'type': 'net.Native', 'msg': {'id': ident}}).encode() + b'\n'
        self.channel.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [client.servers.fileno()]))])

    def rest(self):
        """What it says of bytes that it wrote itself, and those that it gives to the server, until the answer ends."""
        written, given = [], b''
        while True:
            received = self.host.data.receive()
            if received.name == 'END':
                return written, given
            if received.name == 'WROTE':
                self.assertEqual(given, b'', 'nothing is written directly behind a DATA')
                written.append(received.number)
            else:
                self.assertEqual(received.name, 'DATA')
                given += received.payload

    def test_a_client_gets_directly_what_it_takes_quickly(self):
        """On a busy machine that may be less than all: what its socket holds at first is written for sure."""
        for _ in range(2):
            client = self.client()
            ident = self.ask()
            client.read()
            self.lend(ident, client)
            written, given = self.rest()
            client.close()
            self.assertEqual(len(client.received), sum(written))
            self.assertGreaterEqual(sum(written), 1 << 16)
            self.assertTrue(client.received + given == BODY)
        self.assertEqual(self.host.drain(), 0)

    def test_a_client_that_stops_taking_it_gets_the_rest_from_the_server(self):
        client = self.client()
        self.lend(self.ask(), client)
        written, given = self.rest()
        self.assertEqual(len(written), 1)
        client.read()
        client.close()
        self.assertTrue(client.received + given == BODY)
        self.assertEqual(len(client.received), written[0])

    def test_of_a_client_that_is_gone_the_server_hears_nothing_new(self):
        client = self.client()
        client.own.close()
        self.lend(self.ask(), client)
        self.assertTrue(self.rest() == ([], BODY))

    def test_a_cancelled_one_writes_no_more(self):
        client = self.client()
        ident = self.ask()
        self.host.control.send(frames.CANCEL, ident)
        self.host.control.send(frames.RECALL)
        self.host.control.expect('RECALLED')
        self.lend(ident, client)
        self.assertEqual(self.rest(), ([], b''))
        client.read()
        client.close()
        self.assertEqual(client.received, b'')

    def test_without_a_socket_all_goes_to_the_server(self):
        ident = self.ask()
        self.channel.sendall(b'{"id":%d}\n' % ident)
        self.assertTrue(self.rest() == ([], BODY))

    def test_as_well_where_the_channel_has_ended(self):
        self.channel.close()
        for _ in range(2):
            self.ask()
            self.assertTrue(self.rest() == ([], BODY))

    def test_a_short_answer_asks_for_none(self):
        self.host.request(environ(PATH_INFO='/long', QUERY_STRING='63'))
        self.host.data.expect('HEAD')

    def test_an_answer_to_another_request_ends_it(self):
        ident = self.ask()
        self.channel.sendall(b'{"id":%d}\n' % (ident + 1))
        self.assertEqual(self.host.status(), 1)
        self.assertIn('asked for a socket', self.host.log())

    def test_a_program_that_the_application_starts_inherits_nothing(self):
        body = self.host.get('/subprocess').body.decode()
        self.assertEqual(body, "[] ['0', '1', '2', '3']\n")


class LendingInThreads(Lending):
    threads = 3


if __name__ == '__main__':
    unittest.main()
