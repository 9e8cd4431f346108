import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { percentDecode } from '../../../src/gateway/environ.ts'
import { Route } from '../../../src/web/router/route.ts'
import { RuleError } from '../../../src/web/router/rule-error.ts'

const match = (rule: string, path: string): unknown => new Route<string>(rule).match(path)

test('a rule loses its leading slash, and repeated slashes are one', () => {
  const route = new Route('//users///<int:id>/')
  assert.equal(route.rule, 'users/<int:id>/')
  assert.equal(route.path, '/users/<int:id>/')
  assert.deepEqual(route.orderedVariables, ['id'])
})

test('a rule that is empty or ends with a slash is a directory', () => {
  for (const [rule, leaf] of [['', false], ['/', false], ['a/', false], ['a', true], ['a/<b>', true]] as const) {
    assert.equal(new Route<string>(rule).isLeaf, leaf, rule)
  }
})

test('a leaf matches the whole path', () => {
  assert.deepEqual(match('a/b', '/a/b'), {})
  assert.deepEqual(match('a/b', 'a/b'), {})
  for (const path of ['a', 'a/', 'a/b/', 'a/b/c', 'a/bc', 'A/b', '']) assert.equal(match('a/b', path), undefined, path)
})

test('a directory matches what begins with it and gives the remainder', () => {
  assert.deepEqual(match('a/<x>/', 'a/b/'), { x: 'b' })
  assert.deepEqual(match('a/<x>/', 'a/b/c/d'), { x: 'b', __remaining__: 'c/d' })
  assert.deepEqual(match('', '/'), {})
  assert.deepEqual(match('', '/x'), { __remaining__: 'x' })
  assert.equal(match('a/<x>/', 'a/b'), undefined)
})

const cases: readonly (readonly [rule: string, path: string, values: Readonly<Record<string, unknown>> | undefined])[] = [
  ['<x>', 'a', { x: 'a' }],
  ['<x>', '', undefined],
  ['<x>', 'a/b', undefined],
  ['<x>', '..', undefined],
  ['<string(minlength=2, maxlength=3):x>', 'a', undefined],
  ['<string(minlength=2, maxlength=3):x>', 'ab', { x: 'ab' }],
  ['<string(minlength=2, maxlength=3):x>', 'abcd', undefined],
  ['<string(2,5):x>', 'abcde', { x: 'abcde' }],
  ['<string(2,5):x>', 'abcdef', undefined],
  ['<string(length=2):x>', 'ab', { x: 'ab' }],
  ['<string(length=2):x>', 'abc', undefined],
  ['<string(maxlength=None):x>', 'abc', { x: 'abc' }],
  ['<any(red, green):x>', 'red', { x: 'red' }],
  ['<any(red, green):x>', 'blue', undefined],
  ['<any("off white", \'b,c\'):x>', 'off white', { x: 'off white' }],
  ['<any("off white", \'b,c\'):x>', 'b,c', { x: 'b,c' }],
  ['<any(1, 2):x>', '2', { x: '2' }],
  ['<path:x>', '', { x: '' }],
  ['<path:x>', 'a/b//c/', { x: 'a/b//c/' }],
  ['<path:x>', 'a/../b', undefined],
  ['a/<path:x>', 'a/', { x: '' }],
  ['a/<path:x>', 'a', undefined],
  ['a/<path:x>/edit', 'a/b/c/edit', { x: 'b/c' }],
  ['a/<path:x>/edit', 'a/b/c', undefined],
  ['<path:x>/<int:n>', 'a/b/7', { x: 'a/b', n: 7 }],
  ['<path:x>/<name>', 'a/b/c', { x: 'a/b', name: 'c' }],
  ['<int:x>', '7', { x: 7 }],
  ['<int:x>', '007', { x: 7 }],
  ['<int:x>', '-7', undefined],
  ['<int:x>', '7a', undefined],
  ['<int:x>', '\u0667', undefined],
  ['<int:x>', '9007199254740991', { x: 9007199254740991 }],
  ['<int:x>', '9007199254740992', undefined],
  ['<int(fixed_digits=3):x>', '007', { x: 7 }],
  ['<int(fixedDigits=3):x>', '7', undefined],
  ['<int(3):x>', '1234', undefined],
  ['<int(min=2, max=4):x>', '2', { x: 2 }],
  ['<int(min=2, max=4):x>', '5', undefined],
  ['<int(min=-5):x>', '0', { x: 0 }],
  ['<float:x>', '1.5', { x: 1.5 }],
  ['<float:x>', '1', undefined],
  ['<float:x>', '1.', undefined],
  ['<float:x>', '1.5.2', undefined],
  ['<float(min=1.5, max=2.5):x>', '1.5', { x: 1.5 }],
  ['<float(min=1.5, max=2.5):x>', '2.6', undefined],
  ['<float:x>', `${'9'.repeat(400)}.0`, undefined],
  ['<int:a>-<int:b>', '3-4', { a: 3, b: 4 }],
  ['<int:a>-<int:b>', '3-', undefined],
  ['<name>.<ext>', 'a.tar.gz', { name: 'a.tar', ext: 'gz' }],
  ['<slug>-<int:id>', 'on-the-road-12', { slug: 'on-the-road', id: 12 }],
  ['<a>-<int:n>-<b>', 'x-y-1-z-2', { a: 'x-y', n: 1, b: 'z-2' }],
  ['v<int:major>', 'v2', { major: 2 }],
  ['v<int:major>', 'w2', undefined],
  ['<int:a>00<int:b>', '100001', { a: 100, b: 1 }],
  ['@<user>', '@ann', { user: 'ann' }],
  ['a.b/<x>', 'acb/1', undefined],
]

for (const [rule, path, values] of cases) {
  test(`'${rule}' ${values === undefined ? 'does not match' : 'matches'} '${path.slice(0, 40)}'`, () => {
    assert.deepEqual(match(rule, path), values)
  })
}

test('literals and values are Unicode, the path is bytes in a string', () => {
  const path = percentDecode('/caf%C3%A9/%E2%82%AC')
  assert.deepEqual(match('café/<x>', path), { x: '€' })
  assert.equal(new Route('café/<x>').url({ x: '€' }), '/caf%C3%A9/%E2%82%AC')
})

test('what is no UTF-8 matches no variable', () => {
  for (const rule of ['<x>', '<path:x>', '<x>.<y>']) assert.equal(match(rule, '/\xff.a'), undefined, rule)
})

const wrong: readonly (readonly [rule: string, message: RegExp])[] = [
  ['<a', /expected <variable>/], ['a>', /expected <variable>/], ['<>', /expected <variable>/], ['<1a>', /expected <variable>/],
  ['<int:>', /expected <variable>/], ['<int(:a>', /expected <variable>/], ['<a>/<a>', /a is there twice/],
  ['<a><b>', /nothing stands between/], ['<uuid:a>', /no converter uuid/], ['<__proto__>', /__proto__/],
  ['<int(minimum=1):a>', /int has no argument minimum/], ['<int(min=x):a>', /min is 'x', not a number/],
  ['<int(1, fixed_digits=2):a>', /there twice/], ['<int(min=3, max=2):a>', /no integer/], ['<any():a>', /expected the items/],
  ['<any(a/b):a>', /'a\/b'/], ['<string(3, 2):a>', /at least 3/], ['<int(1 2):a>', /no arguments/], ['<path(3):a>', /no argument/],
  ['<hasOwnProperty:a>', /no converter/],
]

for (const [rule, message] of wrong) {
  test(`'${rule}' is refused`, () => {
    assert.throws(() => new Route<string>(rule), (error) => error instanceof RuleError && message.test(error.message))
  })
}

test('url() puts values in, percent-encoded', () => {
  assert.equal(new Route('a/<x>/<int(fixed_digits=3):n>/').url({ x: 'b c?d#e', n: 7 }), '/a/b%20c%3Fd%23e/007/')
  assert.equal(new Route('<path:x>').url({ x: 'a/b;c=1,@:!$&\'()*+' }), '/a/b;c=1,@:!$&\'()*+')
  assert.equal(new Route('<float:x>').url({ x: 3 }), '/3.0')
  assert.equal(new Route('<float:x>').url({ x: 1.5e-9 }), '/0.0000000015')
  assert.equal(new Route('<float:x>').url({ x: 1.25e22 }), '/12500000000000000000000.0')
  assert.equal(new Route('').url(), '/')
})

test('url() refuses values that the rule would not match', () => {
  const url = (rule: string, values: Readonly<Record<string, unknown>>): string => new Route<string>(rule).build(values)
  for (const [rule, x] of [
    ['<int:x>', -1], ['<int:x>', 1.5], ['<int:x>', 'a'], ['<int:x>', Number.NaN], ['<int(max=3):x>', 4], ['<int(2):x>', 100],
    ['<float:x>', -0.5], ['<float:x>', Number.POSITIVE_INFINITY], ['<x>', 'a/b'], ['<x>', ''], ['<x>', '..'], ['<path:x>', 'a/../b'],
    ['<any(a,b):x>', 'c'], ['<string(length=2):x>', 'abc'], ['<x>', {}], ['<x>', '\ud800'],
  ] as const) assert.throws(() => url(rule, { x }), RangeError, `${rule} ${String(x)}`)
})

test('a missing value is an error, or undefined from safeUrl(); inherited properties are none', () => {
  const route = new Route<string>('a/<toString>')
  assert.throws(() => route.build({}), /needs a value for toString/)
  assert.equal(route.safeUrl(), undefined)
  assert.equal(route.safeUrl({ toString: 'x' }), '/a/x')
})

test('defaults fill in URLs and have no part in matching', () => {
  const route = new Route('redirect/<int:times>', { times: 5 })
  assert.equal(route.url(), '/redirect/5')
  assert.equal(route.url({ times: 2 }), '/redirect/2')
  assert.equal(route.match('redirect'), undefined)
  assert.deepEqual([...new Route<string, string>('a', { b: 1 }).variables], ['b'])
})

test('name, bits, level and breadcrumbs say how a rule is made', () => {
  const route = new Route('Users/<int(min=1):id>/edit-page/')
  assert.equal(route.name, 'Users_id_edit_page')
  assert.deepEqual(route.bits, ['Users', '<int(min=1):id>', 'edit-page'])
  assert.equal(route.level, 3)
  assert.deepEqual(route.breadcrumbs, [[false, 'Users'], [true, '<int(min=1):id>'], [false, 'edit-page']])
})

test('split() gives the directory above and the last segment', () => {
  const split = (rule: string): readonly (string | undefined)[] => new Route<string>(rule).split().map((route) => route?.rule)
  assert.deepEqual(split('a/b/c'), ['a/b/', 'c'])
  assert.deepEqual(split('a/b/'), ['a/', 'b/'])
  assert.deepEqual(split('a'), ['', 'a'])
  assert.deepEqual(split('a/'), ['a/', undefined])
  assert.deepEqual(split(''), ['', undefined])
  const [parent, last] = new Route('<int:a>/<int:b>', { a: 1, b: 2 }).split()
  assert.deepEqual([parent.defaults, last?.defaults], [{ a: 1 }, { b: 2 }])
})

test('join() puts one rule behind another and merges the defaults', () => {
  const joined = new Route('a/<int:x>/', { x: 1 }).join(new Route('<int:y>', { y: 2 }))
  assert.equal(joined.rule, 'a/<int:x>/<int:y>')
  assert.equal(joined.url(), '/a/1/2')
  assert.equal(new Route('a').join('b').rule, 'a/b')
  assert.equal(new Route('').join('b/').rule, 'b/')
  assert.throws(() => new Route<string>('<x>').join('<x>'), /x is there twice/)
})

test('rules are equal and sorted by their text', () => {
  const [a, b, c] = [new Route<string>('b'), new Route<string>('/b'), new Route<string>('a')] as const
  assert.ok(a.equals(b) && !a.equals(c))
  assert.deepEqual([a, c].sort((one, other) => one.compare(other)).map(String), ['/a', '/b'])
})

/** A rule, and values for it that it must match. */
const literal = fc.stringMatching(/^[a-z.\-_~é]{1,6}$/)
const word = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((text) => !/[/]/.test(text) && text !== '.' && text !== '..')
const variable = fc.oneof(
  word.map((value) => ['', value] as const),
  fc.nat({ max: Number.MAX_SAFE_INTEGER }).map((value) => ['int:', value] as const),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => ['float:', value === 0 ? 0 : value] as const),
  fc.constantFrom('red', 'off white').map((value) => ['any(red, "off white"):', value] as const),
)
const ruled = fc.tuple(
  fc.array(fc.oneof(literal.map((text) => [text, undefined] as const), variable.map((one) => [undefined, one] as const)), { maxLength: 5 }),
  fc.boolean(), fc.option(fc.array(word, { maxLength: 3 }).map((words) => words.join('/')), { nil: undefined }),
).map(([parts, directory, rest]) => {
  const values: Record<string, string | number> = {}
  const segments = parts.map(([text, one], index) => {
    if (one === undefined) return text === '.' || text === '..' ? 'dot' : text
    values[`v${index}`] = one[1]
    return `<${one[0]}v${index}>`
  })
  if (rest !== undefined) {
    values.rest = rest
    segments.push('<path:rest>')
  } else if (directory) segments.push('')
  return { rule: segments.join('/'), values }
})

test('a rule matches the URL made of values, gives the values back, and they give the URL', () => {
  fc.assert(fc.property(ruled, ({ rule, values }) => {
    const route = new Route<string>(rule)
    const url = route.build(values)
    assert.ok(URL.canParse(url, 'http://a.example') && /^[\x21-\x7e]*$/.test(url), url)
    const found = route.match(percentDecode(url))
    assert.deepEqual(found, values)
    assert.equal(route.build(found ?? {}), url)
  }))
})

test('several variables in a segment: what matches, matches again when put together', () => {
  const rules = ['<a>-<b>', '<a>.<int:n>.<b>', '<int:n>x<float:f>', 'p<path:a>-<b>/<int:n>', '<any(a,a-a):a>-<b>-<string(maxlength=2):c>']
  const text = fc.array(fc.constantFrom('a', '-', '.', '1', '0', 'x', '/', 'p'), { maxLength: 14 }).map((letters) => letters.join(''))
  fc.assert(fc.property(fc.constantFrom(...rules), text, (rule, path) => {
    const route = new Route<string>(rule)
    const values = route.match(path)
    if (values === undefined) return
    // Digits may have zeros before them, which are no part of the value.
    const again = decodeURIComponent(route.build(values))
    assert.deepEqual(route.match(again), values)
  }), { numRuns: 3000 })
})

test('several variables match exactly what a regular expression with the same alternatives does', () => {
  const rules: readonly (readonly [rule: string, expression: RegExp])[] = [
    ['<a>-<b>-<c>', /^([^/]+)-([^/]+)-([^/]+)$/], ['<path:a>/<b>-<c>', /^(.*)\/([^/]+)-([^/]+)$/], ['<int:n>1<b>', /^(\d{1,16})1([^/]+)$/],
    ['<a>-<string(maxlength=2):b>-<c>', /^([^/]+)-([^/]{1,2})-([^/]+)$/],
  ]
  const text = fc.array(fc.constantFrom('a', '-', '1', '/'), { maxLength: 12 }).map((letters) => letters.join(''))
  fc.assert(fc.property(fc.constantFrom(...rules), text, ([rule, expression], path) => {
    const [, ...groups] = expression.exec(path) ?? []
    const expected = expression.test(path) ? groups : undefined
    const found = new Route<string>(rule).match(`/${path}`)
    assert.deepEqual(found === undefined ? undefined : Object.values(found).map(String), expected?.map((group, index) => (rule.startsWith('<int') && index === 0 ? String(Number(group)) : group)))
  }), { numRuns: 5000 })
})

test('a path made to go astray takes no more attempts than it has characters, for each variable', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const route = new Route<string>(`${names.map((name) => `<${name}>`).join('-')}!`)
  // Tried in all combinations this would not end in the lifetime of the machine.
  assert.equal(route.match('-a'.repeat(4000)), undefined)
  const spanning = new Route<string>('<path:a>/<b>-<c>-<d>/x')
  assert.equal(spanning.match('/a-a'.repeat(2000)), undefined)
})
