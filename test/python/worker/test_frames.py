"""Frames and their payloads, without a socket, on the corpus that the other half is tested on too."""

import json
import os
import random
import struct
import unittest

from support import CORPUS

from pulsar_worker import frames, messages
from pulsar_worker.frames import CONTROL_TYPES, DATA_TYPES, FrameReader, ProtocolError


def load(name):
    with open(os.path.join(CORPUS, name), encoding='utf-8') as file:
        return json.load(file)


FRAMES = load('frames.json')
BAD = [case for case in load('bad-frames.json') if case['direction'] == 'to-worker']
TO_WORKER = [case for case in FRAMES if case['direction'] == 'to-worker']
KINDS = {'data': DATA_TYPES, 'control': CONTROL_TYPES}


def read(reader, data):
    """All frames that come of the bytes, with their payloads copied."""
    found = []
    while data:
        space = reader.space()
        part = data[:len(space)]
        space[:len(part)] = part
        data = data[len(part):]
        found += [(kind, ident, bytes(payload)) for kind, ident, payload in reader.frames(len(part))]
    return found


def meaning(kind, ident, payload):
    """What a payload says, as the corpus has it; the checks are those of the worker."""
    view = memoryview(payload)
    if kind == frames.REQUEST:
        _, environ, how, body = messages.read_request(ident, view)
        return {'environ': environ, 'kind': how, 'body': {'hex': body.hex()} if isinstance(body, bytes) else body}
    if kind == frames.START:
        return {'wire': 1, **messages.read_start(view)._asdict()}
    if kind == frames.CREDIT:
        return {'bytes': messages.read_number(view)}
    if kind == frames.BODY:
        return {'hex': payload.hex()}
    if kind == frames.BODY_FAILED:
        return {'text': messages.read_text(view)}
    if kind == frames.TUNNEL:
        environ, token = messages.read_tunnel(ident, view)
        return {'environ': environ, 'token': token}
    if kind == frames.FORK:
        return dict(messages.read_fork(view)._asdict())
    messages.read_nothing(view)
    return {}


def made(case):
    """The frame of a case, made as the worker makes it."""
    value, kind, ident = case['meaning'], getattr(frames, case['type']), case['id']
    if 'fields' in value:
        head = '\n'.join([value['status']] + ['%s:%s' % tuple(field) for field in value['fields']]).encode('latin-1')
        rest = bytes.fromhex(value.get('body', ''))
        if case['type'] == 'FILE':
            rest = messages.write_json({name: value[name] for name in ('path', 'offset', 'length')})
        return frames.answer_frame(kind, ident, head, rest)
    if case['type'] in ('PULL', 'WROTE'):
        payload = messages.write_number(value['bytes'])
    elif case['type'] == 'RECALLED':
        payload = messages.write_numbers(value['ids'])
    elif case['type'] in ('STACK', 'WARNING'):
        payload = messages.write_text(value['text'])
    elif case['type'] == 'PUBLISH':
        payload = messages.write_published(value['topic'], bytes.fromhex(value['hex']) if 'hex' in value else value['text'])
    elif case['type'] in ('DATA', 'END', 'LEAVING'):
        payload = bytes.fromhex(value.get('hex', ''))
    else:
        payload = messages.write_json(value)
    return frames.frame(kind, ident, payload)


def without_json_style(data):
    """Behind the first brace, the values: JSON may be written in more than one way."""
    at = data.find(b'{')
    return data if at < 0 else (data[4:at], json.loads(data[at:]))


class Frames(unittest.TestCase):
    def test_every_frame_of_the_corpus_is_read(self):
        self.assertGreater(len(TO_WORKER), 15)
        for case in TO_WORKER:
            with self.subTest(case['name']):
                (found,) = read(FrameReader(KINDS[case['socket']]), bytes.fromhex(case['hex']))
                self.assertEqual(found[:2], (getattr(frames, case['type']), case['id']))
                self.assertEqual(meaning(*found), case['meaning'])

    def test_every_frame_of_the_corpus_is_made(self):
        cases = [case for case in FRAMES if case['direction'] == 'to-server']
        self.assertGreater(len(cases), 20)
        for case in cases:
            with self.subTest(case['name']):
                self.assertEqual(without_json_style(made(case)), without_json_style(bytes.fromhex(case['hex'])))

    def test_every_bad_frame_of_the_corpus_is_refused(self):
        self.assertGreater(len(BAD), 20)
        for case in BAD:
            with self.subTest(case['name']), self.assertRaises(ProtocolError):
                for kind, ident, payload in read(FrameReader(KINDS[case['socket']]), bytes.fromhex(case['hex'])):
                    meaning(kind, ident, payload)

    def test_frames_may_come_in_any_pieces(self):
        for socket in ('data', 'control'):
            cases = [case for case in TO_WORKER if case['socket'] == socket]
            whole = b''.join(bytes.fromhex(case['hex']) for case in cases) * 3
            wanted = read(FrameReader(KINDS[socket]), whole)
            self.assertEqual(len(wanted), 3 * len(cases))
            chance = random.Random(5)
            # A buffer of 16 bytes must move, grow and shrink again.
            for size in (16, 64, 1 << 18):
                for step in (1, 2, 7, 100, None):
                    reader, found, rest = FrameReader(KINDS[socket], size), [], whole
                    while rest:
                        length = step or chance.randrange(1, 200)
                        found += read(reader, rest[:length])
                        rest = rest[length:]
                    self.assertEqual(found, wanted, (socket, size, step))

    def test_a_frame_may_be_longer_than_the_buffer(self):
        reader = FrameReader(CONTROL_TYPES)
        large = frames.frame(frames.BODY, 1, b'x' * (1 << 20))
        small = frames.frame(frames.CREDIT, 2, b'abcd')
        found = read(reader, small + large + small + small)
        self.assertEqual([len(payload) for _, _, payload in found], [4, 1 << 20, 4, 4])
        self.assertEqual(len(reader.space()), 1 << 18)

    def test_a_length_over_the_limit_is_refused_before_the_payload(self):
        reader = FrameReader(CONTROL_TYPES)
        with self.assertRaises(ProtocolError):
            read(reader, struct.pack('<IBI', (1 << 26) + 1, frames.BODY, 1))

    def test_text_of_any_str_can_be_written(self):
        self.assertEqual(messages.write_text('caf\u00e9 \udcff'), 'caf\u00e9 \\udcff'.encode())
        self.assertEqual(json.loads(messages.write_json({'a': 'caf\u00e9 \udcff'})), {'a': 'caf\u00e9 \udcff'})


if __name__ == '__main__':
    unittest.main()
