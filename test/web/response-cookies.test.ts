import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCookie } from 'cookie'
import fc from 'fast-check'
import { deleteCookieLine, setCookieLine, type CookieOptions } from '../../src/web/response-cookies.ts'
import { WsgiResponse } from '../../src/web/response.ts'

test('a cookie has all attributes that it was given', () => {
  const line = setCookieLine('id', 'a b', {
    maxAge: 60, expires: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)), path: '/x', domain: 'a.example', secure: true, httpOnly: true,
    sameSite: 'lax', partitioned: true, priority: 'high',
  })
  const [pair, ...attributes] = line.split('; ')
  assert.equal(pair, 'id=a%20b')
  assert.deepEqual(attributes.sort(), [
    'Domain=a.example', 'Expires=Wed, 02 Jan 2030 03:04:05 GMT', 'HttpOnly', 'Max-Age=60', 'Partitioned', 'Path=/x', 'Priority=High',
    'SameSite=Lax', 'Secure',
  ])
})

test('the path is / unless it is given', () => {
  assert.equal(setCookieLine('a', 'b'), 'a=b; Path=/')
})

test('a prefix, SameSite=None and Partitioned make a cookie Secure', () => {
  for (const [name, options] of [['__Host-a', {}], ['__Secure-a', {}], ['a', { sameSite: 'none' }], ['a', { partitioned: true }]] as const) {
    assert.match(setCookieLine(name, 'b', options), /; Secure/)
    assert.throws(() => setCookieLine(name, 'b', { ...options, secure: false }), /must be Secure/)
  }
})

test('a __Host- cookie has no domain and no other path', () => {
  assert.throws(() => setCookieLine('__Host-a', 'b', { domain: 'a.example' }), TypeError)
  assert.throws(() => setCookieLine('__host-a', 'b', { path: '/x' }), TypeError)
  assert.match(setCookieLine('__Secure-a', 'b', { domain: 'a.example', path: '/x' }), /Domain=a\.example; Path=\/x/)
})

test('what could not stand in the field is refused', () => {
  for (const name of ['', 'a b', 'a;b', 'a=b', 'a\r\nb', 'ä']) assert.throws(() => setCookieLine(name, ''), TypeError, name)
  const bad: readonly CookieOptions[] = [
    { path: '/;x' }, { path: '/\r\n' }, { domain: 'a;b' }, { domain: 'a\nb' }, { maxAge: 1.5 }, { maxAge: Number.NaN },
    { expires: new Date(Number.NaN) }, { sameSite: 'x' as 'lax' }, { priority: 'x' as 'low' },
  ]
  for (const options of bad) assert.throws(() => setCookieLine('a', 'b', options), TypeError, JSON.stringify(options))
})

test('a cookie that browsers would drop for its length is refused', () => {
  assert.match(setCookieLine('a', 'x'.repeat(4094)), /^a=x{4094};/)
  assert.throws(() => setCookieLine('a', 'x'.repeat(4095)), RangeError)
})

test('a deleted cookie has expired, with the attributes it was set with', () => {
  assert.equal(deleteCookieLine('__Host-a'), '__Host-a=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure')
})

test('a cookie that is set again takes the place of the first, another path is another cookie', () => {
  const response = new WsgiResponse()
  response.setCookie('a', '1').setCookie('a', '2').setCookie('a', '3', { path: '/x' }).deleteCookie('a', { path: '/x' })
  const cookies = response.toFields().filter(([name]) => name === 'Set-Cookie').map(([, value]) => value)
  assert.equal(cookies.length, 2)
  assert.equal(cookies[0], 'a=2; Path=/')
  assert.match(cookies[1] as string, /^a=; Max-Age=0; Path=\/x/)
})

test('text that UTF-8 cannot say is refused', () => {
  assert.throws(() => setCookieLine('a', '\ud800'), URIError)
})

test('any value comes back as it was, and stays within its line', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (value) => {
    const line = setCookieLine('a', value)
    assert.match(line, /^a=[!-~]*; Path=\/$/)
    assert.equal(parseCookie(line.split(';')[0] as string).a, value)
  }))
})
