/**
 * The protocol cases of Autobahn's fuzzing client, by their numbers, against the real server: what it sends, and what has to come
 * back. Where Autobahn lets a server choose, this one is held to one answer.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { deflateRawSync, inflateRawSync, constants } from 'node:zlib'
import { ServedApplication } from '../support/served-application.ts'
import { WsgiHandler } from '../../src/web/wsgi-handler.ts'
import { WebSocket } from '../../src/ws/websocket.ts'
import { BINARY, CLOSE, closing, frame, FrameClient, PING, PONG, TEXT, type FrameOptions } from './frame-client.ts'

const echo = new WsgiHandler([new WebSocket('/', {
  onMessage: (ws, text) => ws.write(text), onBytes: (ws, bytes) => ws.write(bytes),
}, { compression: true, maxMessage: 17 << 20, maxBuffered: 64 << 20, maxFragments: 1 << 20 })])

let served: ServedApplication
before(async () => { served = await ServedApplication.start(echo) })
after(() => served[Symbol.asyncDispose]())

/** What comes back: opcode and payload; the code of the close frame that the server sends by itself. */
type Answer = readonly [opcode: number, payload: string | Buffer]
interface Case {
  readonly number: string
  readonly send: readonly Buffer[]
  readonly answers: readonly Answer[]
  /** Undefined: the connection stays open, and is closed in order. */
  readonly code?: number
}

const C = 0
const text = (payload: string | Uint8Array, options?: FrameOptions): Buffer => frame(TEXT, payload, options)
const open = { fin: false } as const
const ok = (number: string, send: readonly Buffer[], ...answers: Answer[]): Case => ({ number, send, answers })
const bad = (number: string, code: number, send: readonly Buffer[], ...answers: Answer[]): Case => ({ number, send, answers, code })
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const chopped = (payload: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(payload.length / size) }, (_, i) => payload.subarray(i * size, (i + 1) * size))
const fragments = (opcode: number, payload: Buffer, size: number): Buffer[] =>
  chopped(payload, size).map((piece, i, all) => frame(i === 0 ? opcode : C, piece, { fin: i === all.length - 1 }))

// 1: framing -----------------------------------------------------------------------------------------------------------------------
const lengths = [0, 125, 126, 127, 128, 65535, 65536]
const framing: Case[] = [1, 2].flatMap((opcode) => [
  ...lengths.map((length, i) => ok(`1.${opcode}.${i + 1}`, [frame(opcode, '*'.repeat(length))], [opcode, '*'.repeat(length)])),
  ok(`1.${opcode}.8`, chopped(frame(opcode, '*'.repeat(65536)), 997), [opcode, '*'.repeat(65536)]),
])

// 2: pings and pongs -----------------------------------------------------------------------------------------------------------------
const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`)
const control: Case[] = [
  ok('2.1', [frame(PING)], [PONG, '']),
  ok('2.2', [frame(PING, 'Hello, world!')], [PONG, 'Hello, world!']),
  ok('2.3', [frame(PING, bytes('00 ff fe fd fc fb 00 ff'))], [PONG, bytes('00 ff fe fd fc fb 00 ff')]),
  ok('2.4', [frame(PING, Buffer.alloc(125, 0xfe))], [PONG, Buffer.alloc(125, 0xfe)]),
  bad('2.5', 1002, [frame(PING, Buffer.alloc(126, 0xfe))]),
  ok('2.6', chopped(frame(PING, Buffer.alloc(125, 0xfe)), 1), [PONG, Buffer.alloc(125, 0xfe)]),
  ok('2.7', [frame(PONG)]),
  ok('2.8', [frame(PONG, 'unsolicited pong payload')]),
  ok('2.9', [frame(PONG, 'unsolicited pong payload'), frame(PING, 'ping payload')], [PONG, 'ping payload']),
  ok('2.10', ten.map((payload) => frame(PING, payload)), ...ten.map((payload): Answer => [PONG, payload])),
  ok('2.11', ten.flatMap((payload) => chopped(frame(PING, payload), 1)), ...ten.map((payload): Answer => [PONG, payload])),
]

// 3: reserved bits; 4: reserved opcodes -----------------------------------------------------------------------------------------------
const hello = text('Hello, world!')
const echoed: Answer = [TEXT, 'Hello, world!']
const reserved: Case[] = [
  bad('3.1', 1002, [text('small', { rsv: 1 })]),
  bad('3.2', 1002, [hello, text('small', { rsv: 2 }), frame(PING)], echoed),
  bad('3.3', 1002, [Buffer.concat([hello, text('small', { rsv: 3 }), frame(PING)])], echoed),
  bad('3.4', 1002, chopped(Buffer.concat([hello, text('small', { rsv: 4 }), frame(PING)]), 1), echoed),
  bad('3.5', 1002, [frame(BINARY, Buffer.alloc(8, 0xff), { rsv: 5 })]),
  bad('3.6', 1002, [frame(PING, 'x', { rsv: 6 })]),
  bad('3.7', 1002, [frame(CLOSE, '', { rsv: 7 })]),
  ...[3, 4, 5, 6, 7].map((opcode, i) => bad(`4.1.${i + 1}`, 1002, i < 2
    ? [frame(opcode, i === 0 ? '' : 'reserved')]
    : [hello, frame(opcode, i === 2 ? '' : 'reserved'), frame(PING)], ...(i < 2 ? [] : [echoed]))),
  ...[11, 12, 13, 14, 15].map((opcode, i) => bad(`4.2.${i + 1}`, 1002, i < 2
    ? [frame(opcode, i === 0 ? '' : 'reserved')]
    : [hello, frame(opcode, i === 2 ? '' : 'reserved'), frame(PING)], ...(i < 2 ? [] : [echoed]))),
]

// 5: fragmentation -------------------------------------------------------------------------------------------------------------------
const [f1, f2] = [text('fragment1', open), frame(C, 'fragment2')]
const both: Answer = [TEXT, 'fragment1fragment2']
const ping = frame(PING, 'ping payload')
const pong: Answer = [PONG, 'ping payload']
const five = [text('fragment1', open), frame(C, 'fragment2', open), frame(C, 'fragment3', open), frame(C, 'fragment4', open), frame(C, 'fragment5')]
const all5: Answer = [TEXT, 'fragment1fragment2fragment3fragment4fragment5']
const withPings = [...five.slice(0, 2), frame(PING, 'ping 1'), ...five.slice(2, 4), frame(PING, 'ping 2'), ...five.slice(4)]
const pings: Answer[] = [[PONG, 'ping 1'], [PONG, 'ping 2']]
const joined = (frames: readonly Buffer[]): Buffer[] => [Buffer.concat(frames)]
const octets = (frames: readonly Buffer[]): Buffer[] => chopped(Buffer.concat(frames), 1)
const fragmentation: Case[] = [
  bad('5.1', 1002, [frame(PING, 'fragment1', open), frame(C, 'fragment2')]),
  bad('5.2', 1002, [frame(PONG, 'fragment1', open), frame(C, 'fragment2')]),
  ...[[f1, f2], joined([f1, f2]), octets([f1, f2])].map((send, i) => ok(`5.${3 + i}`, send, both)),
  ...[[f1, ping, f2], joined([f1, ping, f2]), octets([f1, ping, f2])].map((send, i) => ok(`5.${6 + i}`, send, pong, both)),
  ...[[frame(C, 'non-continuation payload'), hello], joined([frame(C, 'non-continuation payload'), hello]), octets([frame(C, 'non-continuation payload'), hello]),
    [frame(C, 'non-continuation payload', open), hello], joined([frame(C, 'non-continuation payload', open), hello]), octets([frame(C, 'non-continuation payload', open), hello]),
  ].map((send, i) => bad(`5.${9 + i}`, 1002, send)),
  bad('5.15', 1002, [f1, f2, frame(C, 'fragment3', open), text('fragment4')], both),
  bad('5.16', 1002, [frame(C, 'fragment1', open), text('fragment2', open), frame(C, 'fragment3')]),
  bad('5.17', 1002, [frame(C, 'fragment1'), text('fragment2', open), frame(C, 'fragment3')]),
  bad('5.18', 1002, [text('fragment1', open), text('fragment2')]),
  ok('5.19', withPings, ...pings, all5),
  ok('5.20', joined(withPings), ...pings, all5),
]

// 6: UTF-8 ---------------------------------------------------------------------------------------------------------------------------
const kosme = bytes('ce ba e1 bd b9 cf 83 ce bc ce b5')
const long = Buffer.concat([kosme, bytes('f4 8f bf bf'), Buffer.from('edited')])
const valid = {
  '6.5.1': 'Hello-µ@ßöäüàá-UTF-8!!', '6.6.2': 'κ', '6.6.5': 'κό', '6.6.7': 'κόσ', '6.6.9': 'κόσμ', '6.6.11': 'κόσμε',
  '6.7.1': '\u0000', '6.7.2': '\u0080', '6.7.3': '\u0800', '6.7.4': '\u{10000}', '6.9.1': '\u007f', '6.9.2': '\u07ff', '6.9.3': '\uffff', '6.9.4': '\u{10ffff}',
  '6.11.1': '\ud7ff', '6.11.2': '\ue000', '6.11.3': '\ufffd', '6.11.4': '\u{10ffff}', '6.22.1': '\ufffe', '6.22.2': '\uffff', '6.23.1': '\ufff9',
} satisfies Readonly<Record<string, string>>
const invalid = {
  '6.3.1': 'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64',
  '6.6.1': 'ce', '6.6.3': 'ce ba e1', '6.6.4': 'ce ba e1 bd', '6.6.6': 'ce ba e1 bd b9 cf', '6.6.8': 'ce ba e1 bd b9 cf 83 ce', '6.6.10': 'ce ba e1 bd b9 cf 83 ce bc ce',
  '6.8.1': 'f8 88 80 80 80', '6.8.2': 'fc 84 80 80 80 80', '6.10.1': 'f7 bf bf bf', '6.10.2': 'fb bf bf bf bf', '6.10.3': 'fd bf bf bf bf bf',
  '6.11.5': 'f4 90 80 80',
  '6.12.1': '80', '6.12.2': 'bf', '6.12.3': '80 bf', '6.12.4': '80 bf 80', '6.12.8': '80 81 82 83 84 85 86 87 be',
  '6.13.1': 'c0 20 c1 20 c2 20 df 20', '6.13.2': 'e0 20 e1 20 ef 20', '6.13.3': 'f0 20 f1 20 f7 20', '6.13.4': 'f8 20 fb 20', '6.13.5': 'fc 20 fd 20',
  '6.14.1': 'c0', '6.14.2': 'e0 80', '6.14.3': 'f0 80 80', '6.14.4': 'f8 80 80 80', '6.14.5': 'fc 80 80 80 80', '6.14.6': 'df', '6.14.7': 'ef bf',
  '6.14.8': 'f7 bf bf', '6.14.9': 'fb bf bf bf', '6.14.10': 'fd bf bf bf bf', '6.15.1': 'c0 e0 80 f0 80 80 f8 80 80 80 df ef bf f7 bf bf',
  '6.16.1': 'fe', '6.16.2': 'ff', '6.16.3': 'fe fe ff ff', '6.17.1': 'c0 af', '6.17.2': 'e0 80 af', '6.17.3': 'f0 80 80 af', '6.17.4': 'f8 80 80 80 af', '6.17.5': 'fc 80 80 80 80 af',
  '6.18.1': 'c1 bf', '6.18.2': 'e0 9f bf', '6.18.3': 'f0 8f bf bf', '6.18.4': 'f8 87 bf bf bf', '6.18.5': 'fc 83 bf bf bf bf',
  '6.19.1': 'c0 80', '6.19.2': 'e0 80 80', '6.19.3': 'f0 80 80 80', '6.19.4': 'f8 80 80 80 80', '6.19.5': 'fc 80 80 80 80 80',
  '6.20.1': 'ed a0 80', '6.20.2': 'ed ad bf', '6.20.3': 'ed ae 80', '6.20.4': 'ed af bf', '6.20.5': 'ed b0 80', '6.20.6': 'ed be 80', '6.20.7': 'ed bf bf',
  '6.21.1': 'ed a0 80 ed b0 80', '6.21.2': 'ed a0 80 ed bf bf', '6.21.3': 'ed ad bf ed b0 80', '6.21.4': 'ed ad bf ed bf bf', '6.21.5': 'ed ae 80 ed b0 80',
  '6.21.6': 'ed ae 80 ed bf bf', '6.21.7': 'ed af bf ed b0 80', '6.21.8': 'ed af bf ed bf bf',
} satisfies Readonly<Record<string, string>>
const utf8: Case[] = [
  ok('6.1.1', [text('')], [TEXT, '']),
  ok('6.1.2', [text('', open), frame(C, '', open), frame(C, '')], [TEXT, '']),
  ok('6.1.3', [text('', open), frame(C, 'middle frame payload', open), frame(C, '')], [TEXT, 'middle frame payload']),
  ok('6.2.1', [text('Hello-µ@ßöäüàá-UTF-8!!')], [TEXT, 'Hello-µ@ßöäüàá-UTF-8!!']),
  ok('6.2.2', [text('Hello-µ@ßöä', open), frame(C, 'üàá-UTF-8!!')], [TEXT, 'Hello-µ@ßöäüàá-UTF-8!!']),
  ok('6.2.3', fragments(TEXT, Buffer.from('Hello-µ@ßöäüàá-UTF-8!!'), 1), [TEXT, 'Hello-µ@ßöäüàá-UTF-8!!']),
  ok('6.2.4', fragments(TEXT, kosme, 1), [TEXT, kosme]),
  bad('6.3.2', 1007, fragments(TEXT, bytes(invalid['6.3.1']), 1)),
  bad('6.4.1', 1007, [text(kosme, open), frame(C, bytes('f4 90 80 80'), open), frame(C, 'edited')]),
  bad('6.4.2', 1007, [text(Buffer.concat([kosme, bytes('f4')]), open), frame(C, bytes('90'), open), frame(C, bytes('80 80'))]),
  bad('6.4.3', 1007, octets([text(Buffer.concat([kosme, bytes('f4 90 80 80'), Buffer.from('edited')]))])),
  bad('6.4.4', 1007, octets([text(Buffer.concat([kosme, bytes('f4 90 80 80')]))])),
  ok('6.5.2', [text('Hello-µ@ßöä', open), frame(C, 'üàá-UTF-8!!')], [TEXT, 'Hello-µ@ßöäüàá-UTF-8!!']),
  ok('6.5.3', [text(kosme)], [TEXT, kosme]), ok('6.5.4', [text(kosme.subarray(0, 5), open), frame(C, kosme.subarray(5))], [TEXT, kosme]),
  ok('6.5.5', fragments(TEXT, long, 1), [TEXT, long]),
  ...Object.entries(valid).map(([number, payload]) => ok(number, [text(payload)], [TEXT, payload])),
  ...Object.entries(invalid).map(([number, payload]) => bad(number, 1007, [text(bytes(payload))])),
]

// 7: closing -------------------------------------------------------------------------------------------------------------------------
const goodCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
const badCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535]
const closings: Case[] = [
  bad('7.1.1', 1000, [hello, frame(CLOSE, closing(1000))], echoed),
  bad('7.1.2', 1000, [frame(CLOSE, closing(1000)), frame(CLOSE, closing(1000))]),
  bad('7.1.3', 1000, [frame(CLOSE, closing(1000)), frame(PING)]),
  bad('7.1.4', 1000, [frame(CLOSE, closing(1000)), hello]),
  bad('7.1.5', 1000, [text('fragment1', open), frame(CLOSE, closing(1000)), frame(C, 'fragment2')]),
  bad('7.3.1', 1005, [frame(CLOSE)]),
  bad('7.3.2', 1002, [frame(CLOSE, 'a')]),
  bad('7.3.3', 1000, [frame(CLOSE, closing(1000))]),
  bad('7.3.4', 1000, [frame(CLOSE, closing(1000, 'Hello World!'))]),
  bad('7.3.5', 1000, [frame(CLOSE, closing(1000, '*'.repeat(123)))]),
  bad('7.3.6', 1002, [frame(CLOSE, closing(1000, '*'.repeat(124)))]),
  bad('7.5.1', 1007, [frame(CLOSE, closing(1000, bytes(invalid['6.3.1'])))]),
  ...goodCodes.map((code, i) => bad(`7.7.${i + 1}`, code, [frame(CLOSE, closing(code))])),
  ...badCodes.map((code, i) => bad(`7.9.${i + 1}`, 1002, [frame(CLOSE, closing(code))])),
]

// 9: large messages, many fragments; 10: automatic fragmentation --------------------------------------------------------------------------
const large: Case[] = [TEXT, BINARY].flatMap((opcode) => {
  const payload = (size: number): Buffer => Buffer.alloc(size, 'BAsd7&jh23')
  return [
    ...[64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20].map((size, i) => ok(`9.${opcode}.${i + 1}`, [frame(opcode, payload(size))], [opcode, payload(size)])),
    ...[64, 256, 1024, 4096, 16384, 65536, 262144, 1 << 20, 4 << 20].map((size, i) =>
      ok(`9.${opcode + 2}.${i + 1}`, joined(fragments(opcode, payload(4 << 20), size)), [opcode, payload(4 << 20)])),
    ...[64, 128, 256, 512, 1024, 2048].map((size, i) => ok(`9.${opcode + 4}.${i + 1}`, chopped(frame(opcode, payload(128 << 10)), size), [opcode, payload(128 << 10)])),
    ...[0, 16, 64, 256, 1024, 4096].map((size, i) =>
      ok(`9.${opcode + 6}.${i + 1}`, joined(Array.from({ length: 1000 }, () => frame(opcode, payload(size)))), ...Array.from({ length: 1000 }, (): Answer => [opcode, payload(size)]))),
  ]
}).concat(ok('10.1.1', fragments(TEXT, Buffer.alloc(65536, '*'), 1300), [TEXT, '*'.repeat(65536)]))

// 5.1 of RFC 6455, which Autobahn does not have: a client masks; and lengths.
const strict: Case[] = [
  bad('unmasked', 1002, [text('Hello', { mask: false })]),
  bad('a length above 2^53', 1009, [bytes('82 ff 7f ff ff ff ff ff ff ff 12 34 56 78')]),
]

async function run({ send, answers, code }: Case, deflate: boolean): Promise<void> {
  const { client } = await FrameClient.open(served.port, '/', ...(deflate ? ['Sec-WebSocket-Extensions: permessage-deflate'] : []))
  void client.send(...send)
  const message = async (): Promise<[number, Buffer]> => {
    const next = await client.next()
    assert.ok(next !== null, 'the connection has ended')
    assert.ok(next.fin)
    assert.ok(next.rsv === 0 || (deflate && next.rsv === 4 && next.opcode < 8))
    return [next.opcode, next.rsv === 4 ? inflated(next.payload) : next.payload]
  }
  for (const [opcode, payload] of answers) {
    const [found, body] = await message()
    assert.equal(found, opcode)
    assert.ok(body.equals(Buffer.from(payload as Buffer)), `${body.length} bytes come back as they were sent`)
  }
  if (code === undefined) await client.send(frame(CLOSE, closing(1000)))
  assert.equal((await client.closed())[0], code ?? 1000)
  if (code !== undefined && client.raw.ended === false) client.raw.end()
  assert.equal(await client.next(), null)
  client.raw.destroy()
}

/** RFC 7692 section 7.2: without the empty block at its end. */
function deflated(payload: Buffer): Buffer {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}

function inflated(payload: Buffer): Buffer {
  return inflateRawSync(Buffer.concat([payload, bytes('00 00 ff ff')]), { finishFlush: constants.Z_SYNC_FLUSH })
}

for (const one of [...framing, ...control, ...reserved, ...fragmentation, ...utf8, ...closings, ...large, ...strict]) {
  test(`case ${one.number}`, () => run(one, false))
  // RSV1 has a meaning with the extension (RFC 7692 section 6).
  if (!['3.4', '3.5', '3.6', '3.7'].includes(one.number)) test(`case ${one.number}, with compression agreed upon`, () => run(one, true))
}

for (const [i, size] of [16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072].entries()) {
  for (const fragment of [size, Math.max(1, size >> 2)]) {
    const payload = Buffer.from(JSON.stringify({ size, text: 'Ein Tag wie jeder andere '.repeat(size) }).slice(0, size))
    const pieces = chopped(deflated(payload), fragment)
    const send = pieces.map((piece, at) => frame(at === 0 ? TEXT : C, piece, { fin: at === pieces.length - 1, rsv: at === 0 ? 4 : 0 }))
    test(`case 12.1.${i + 1}: messages of ${size} bytes, compressed, in ${pieces.length} frames`, () =>
      run(ok('12', [...send, ...send, ...send], [TEXT, payload], [TEXT, payload], [TEXT, payload]), true))
  }
}

// Whether the second is answered depends on how fast the first is taken: nothing may be sent behind a close frame.
test('case 7.1.6: a long message, a short one, a close frame and a ping', async () => {
  const { client } = await FrameClient.open(served.port, '/')
  await client.send(text('*'.repeat(256 << 10)), hello, frame(CLOSE, closing(1000)), frame(PING))
  assert.equal((await client.text()).length, 256 << 10)
  let next = await client.next()
  if (next?.opcode === TEXT) {
    assert.equal(next.payload.toString(), 'Hello, world!')
    next = await client.next()
  }
  assert.equal(next?.opcode, CLOSE)
  assert.deepEqual(next.payload, closing(1000))
  client.raw.end()
  assert.equal(await client.next(), null)
})

const agreements: readonly [number: string, offer: string, agreed: string | undefined][] = [
  ['13.1', 'permessage-deflate', ''],
  ['13.2', 'permessage-deflate; client_no_context_takeover', ''],
  ['13.3', 'permessage-deflate; server_no_context_takeover', ''],
  ['13.4', 'permessage-deflate; client_max_window_bits=9', '; client_max_window_bits=9'],
  ['13.5', 'permessage-deflate; server_max_window_bits=9', '; server_max_window_bits=9'],
  ['13.6', 'permessage-deflate; client_max_window_bits', ''],
  ['13.7', 'permessage-deflate; server_max_window_bits=9, permessage-deflate', '; server_max_window_bits=9'],
  ['unknown', 'permessage-deflate; nonsense=1', undefined],
]
for (const [number, offer, agreed] of agreements) {
  test(`case ${number}: the offer ${offer}`, async () => {
    const { client, answer } = await FrameClient.open(served.port, '/', `Sec-WebSocket-Extensions: ${offer}`)
    if (agreed === undefined) {
      assert.ok(answer.status === 101 || answer.status === 400)
      client.raw.destroy()
      return
    }
    assert.equal(answer.status, 101)
    const field = new Map(answer.fields.map(([name, value]) => [name.toLowerCase(), value])).get('sec-websocket-extensions') ?? ''
    const parameters = new Set(field.split(';').map((one) => one.trim()))
    for (const one of ['permessage-deflate', 'server_no_context_takeover', 'client_no_context_takeover', ...agreed.split('; ').slice(1)]) assert.ok(parameters.has(one), field)
    const payload = Buffer.from('compressed text '.repeat(200))
    await client.send(frame(TEXT, deflateRawSync(payload, { windowBits: 9, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4), { rsv: 4 }))
    const next = await client.next()
    assert.equal(next?.rsv, 4)
    assert.ok(inflated(next.payload).equals(payload))
    await client.close()
  })
}

test('a message that unpacks to more than the limit is refused with 1009, and broken compression with 1007', async () => {
  for (const [payload, code] of [[deflated(Buffer.alloc(40 << 20)), 1009], [Buffer.from('no deflate at all'), 1007]] as const) {
    const { client } = await FrameClient.open(served.port, '/', 'Sec-WebSocket-Extensions: permessage-deflate')
    await client.send(frame(TEXT, payload, { rsv: 4 }))
    assert.equal((await client.closed())[0], code)
    client.raw.destroy()
  }
})
